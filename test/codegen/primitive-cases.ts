// Every primitive on every sample of its own, as kernel programs with numbers to run them on.
import { GraphBuilder } from '../../src/graph/builder.ts';
import { randomKey } from '../../src/runtime/random.ts';
import { cases } from '../ops/samples.ts';
import { drawInputs, numbersFrom } from '../ops/tensors.ts';
import { kernelsOf } from './wasm/run-wasm.ts';

export const primitives = cases.map(({ name, title, sample }, i) => {
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
