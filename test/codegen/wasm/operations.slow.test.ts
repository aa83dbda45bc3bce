// Every primitive on every sample of its own, scheduled, printed, compiled and run, against the interpreter.
import { beforeAll, describe, expect, test } from 'vitest';
import { primitives } from '../primitive-cases.ts';
import { compilePrograms, differences, type WasmPrograms } from './run-wasm.ts';

describe('primitives on wasm', () => {
  let wasm: WasmPrograms;
  beforeAll(async () => {
    wasm = await compilePrograms(primitives.map(({ program }) => program));
  }, 120_000);

  test.each(primitives)('$title', ({ program, given }) => {
    expect(differences(wasm.run(program.name, given), wasm.interpret(program.name, given))).toEqual([]);
  });
});
