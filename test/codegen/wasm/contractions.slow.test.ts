// Contractions of every kind on WebAssembly, with and without fused multiply-adds, against the interpreter.
import { beforeAll, describe, expect, test } from 'vitest';
import { wasmFused, wasmPlain } from '../../../src/schedule/machine/machine.ts';
import { relaxedSimd } from '../../../src/runtime/wasm/features.ts';
import { cases } from '../contraction-cases.ts';
import { compilePrograms, differences, type WasmPrograms } from './run-wasm.ts';

describe.each(['plain', 'fused'] as const)('contractions, %s', (form) => {
  let wasm: WasmPrograms;
  beforeAll(async () => {
    const fused = form === 'fused' && (await relaxedSimd());
    wasm = await compilePrograms(
      cases.map(({ program }) => program),
      fused ? wasmFused : wasmPlain,
    );
  }, 120_000);

  test.each(cases)('$title', ({ program, given }) => {
    expect(
      differences(wasm.run(program.name, given), wasm.interpret(program.name, given), 1e-4, 1e-4),
    ).toEqual([]);
  });
});
