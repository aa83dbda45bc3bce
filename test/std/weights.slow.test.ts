// Losses in which classes, or examples, count differently: against their definitions.
import { expect, it } from 'vitest';
import { modelOn } from '../codegen/every-target.ts';
import { numbersFrom } from '../ops/tensors.ts';

const random = numbersFrom(4);
const count = 9;
const scores = Array.from({ length: count }, () => Array.from({ length: 3 }, () => 2 * random() - 1));
const labels = Array.from({ length: count }, () => Math.floor(3 * random()));
const importance = Array.from({ length: count }, () => random() + 0.2);
const logs = scores.map((row) => {
  const total = Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0));
  return row.map((value) => value - total);
});
const weights = [0.5, 2, 1.25];
const at = (values: readonly number[] | undefined, i: number) => values?.[i] ?? NaN;
const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + value * at(b, i), 0);

async function losses(loss: string, output = 'gain * scores', extra = ''): Promise<readonly number[]> {
  const model = await modelOn(
    'interpreter',
    `model M {
      input  scores: [3]
      ${extra}
      target label: class(3)
      param gain: [] = ones
      output ${output}
      loss      ${loss}
      optimizer SGD
      train { batch = 4 }
    }`,
  );
  const columns = { scores: scores.flat(), label: labels };
  const found = await model.evaluate(extra === '' ? columns : { ...columns, importance });
  await model.destroy();
  return [...found.losses];
}

function expectLosses(found: readonly number[], expected: (example: number) => number): void {
  expect(found.length).toBe(count);
  found.forEach((loss, i) => expect(loss, `example ${i}`).toBeCloseTo(expected(i), 5));
}

const plain = (i: number) => -at(logs[i], at(labels, i));
const list = `[${weights.join(', ')}]`;

it('class weights multiply the loss of their class', async () => {
  const expected = (i: number) => at(weights, at(labels, i)) * plain(i);
  expectLosses(await losses(`CrossEntropy(class_weights = ${list})`), expected);
  expectLosses(await losses(`NLL(class_weights = ${list})`, 'log_softmax(gain * scores)'), expected);
});

it('smoothing spreads by the weights of all classes', async () => {
  const found = await losses(`CrossEntropy(smoothing = 0.1, class_weights = ${list})`);
  expectLosses(
    found,
    (i) => 0.9 * at(weights, at(labels, i)) * plain(i) - (0.1 / 3) * dot(weights, logs[i] ?? []),
  );
});

it('an input weighs its example', async () => {
  const found = await losses(
    'importance * CrossEntropy(output, label)',
    'gain * scores',
    'input importance: []',
  );
  expectLosses(found, (i) => at(importance, i) * plain(i));
});
