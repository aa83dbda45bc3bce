import { expect, it } from 'vitest';
import { locateNonFinite } from '../../src/check/locate-non-finite.ts';
import { compile } from '../../src/compile.ts';
import { randomKey } from '../../src/runtime/random.ts';

/** A model of one example of four numbers, whose only layer is the formula. */
async function locate(formula: string, x: readonly number[], w = 1) {
  const text = `model Case {
  input  x: [4]
  target y: [4]
  net { Formula }
  loss MSE
  optimizer SGD(lr = 0.1)
  train { batch = 1 }
}
layer Formula (x: [D]) {
  param w: [D] = ones
  return ${formula}
}`;
  const graph = compile({ path: 'case.nn', text, library: false }).programs.get('step')?.graph;
  if (!graph) throw new Error('there is no step');
  const inputs = new Map([
    ['x', Float32Array.from(x)],
    ['y', new Float32Array(4)],
    ['step', Float32Array.of(1)],
    ['steps', Float32Array.of(10)],
    ['random_key', randomKey(1, 1)],
  ]);
  const stored = new Map([['formula_1.w', new Float32Array(4).fill(w)]]);
  const found = await locateNonFinite(graph, { inputs, stored });
  if (!found) return undefined;
  const { span } = found.origin;
  const { leaf, phase, culprit, count } = found;
  return { leaf, phase, count, ...culprit, text: span?.source.text.slice(span.start, span.end) };
}

const finite = [1, 2, 3, 4];

it('finds nothing where all is finite', async () => {
  expect(await locate('w * x', finite)).toBeUndefined();
});

it.each([
  ['0 / 0', 'x / (x - 1) * w', 1, 'divide', 1],
  ['an overflow', 'exp(w * x) * 0.5', 40, 'exp', 2],
  ['the first of several', 'log(sqrt(w * x - 2))', 1, 'sqrt', 1],
])('finds %s', async (_, formula, w, operation, count) => {
  expect(await locate(formula, finite, w)).toMatchObject({
    leaf: undefined,
    phase: 'forward',
    operation,
    count,
  });
});

it('follows NaN back to the infinity it came of', async () => {
  // exp(100) is infinite in float32, and infinity - infinity is not a number
  const found = await locate('exp(w * x) - exp(w * x + 1)', finite, 100);
  expect(found).toMatchObject({ operation: 'exp', phase: 'forward' });
});

it('lets an infinity be that comes to nothing', async () => {
  // 1 / (1 + exp(400)) is 0, and that is as it should be; the logarithm of that 0 is not
  expect(await locate('w * 1 / (1 + exp(100 * x))', finite)).toBeUndefined();
  expect(await locate('log(1 / (1 + exp(stop_gradient(100 * x)))) * w', finite)).toMatchObject({
    operation: 'log',
    operands: [0],
    result: -Infinity,
  });
});

it('names an input that was not finite to begin with', async () => {
  expect(await locate('w * x', [1, NaN, 3, Infinity])).toMatchObject({ leaf: 'input', count: 2 });
});

it('tells a gradient from a value', async () => {
  const found = await locate('sqrt(w * x) * 2', [0, 1, 2, 3]);
  expect(found).toMatchObject({ phase: 'backward', operation: 'divide', text: 'sqrt(w * x)' });
});

it('takes the sum of what is large but finite for the cause', async () => {
  const found = await locate('sum(w * x) + 0 * w', [3e38, 3e38, 0, 0]);
  expect(found).toMatchObject({ operation: 'sum', result: Infinity });
});
