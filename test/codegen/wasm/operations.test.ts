// Every primitive on every sample of its own, scheduled, printed, compiled and run, against the interpreter.
import { beforeAll, describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../../src/graph/builder.ts';
import { randomKey } from '../../../src/runtime/random.ts';
import { cases } from '../../ops/samples.ts';
import { drawInputs, numbersFrom } from '../../ops/tensors.ts';
import { compilePrograms, differences, kernelsOf, type WasmPrograms } from './run-wasm.ts';

const prepared = cases.map(({ name, title, sample }, i) => {
  const builder = new GraphBuilder(`case ${i}`);
  const inputs = sample.shapes.map((shape, k) => builder.input(`x${i}_${k}`, 'input', shape));
  builder.output('y', builder.apply(name, inputs, sample.attributes));
  const drawn = drawInputs(sample, numbersFrom(i + 1));
  const given = Object.fromEntries(drawn.map(({ data }, k) => [`x${i}_${k}`, data.map(Math.fround)]));
  return {
    title,
    program: kernelsOf(builder.finish()),
    given: { ...given, random_key: [...randomKey(1, 2)] },
  };
});

describe('primitives on wasm', () => {
  let wasm: WasmPrograms;
  beforeAll(async () => {
    wasm = await compilePrograms(prepared.map(({ program }) => program));
  }, 120_000);

  test.each(prepared)('$title', ({ program, given }) => {
    expect(differences(wasm.run(program.name, given), wasm.interpret(program.name, given))).toEqual([]);
  });
});
