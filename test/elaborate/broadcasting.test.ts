// How operands line up: by the names of their axes, else from the right; the batch is nobody's business.
import { describe, expect, test } from 'vitest';
import { forward, model, outputShape } from './models.ts';

/** 0, 1, 2, … in the shape of an input. */
const counting = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('named axes', () => {
  test('line up by name, wherever they stand', () => {
    // gain is [C] and x is [C, H, W]: from the right, it would meet W, which is as long.
    const definitions = `layer Scale (x: [C, H, W]) -> [C, H, W] {
      const gain: [C] = arange(C)
      return gain * x
    }`;
    const text = model('net { Scale }', { definitions, inputs: 'input x: [2, 3, 2]' });
    const { output } = forward(text, { x: counting(12).map(() => 1) }, { 'scale_1.gain': [0, 1] });
    expect(output).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
  });

  test('without a name operands line up from the right', () => {
    const text = model('output x + bias\n', { inputs: 'input x: [2, 3]\n input bias: [3]' });
    const { output } = forward(text, { x: [0, 0, 0, 10, 10, 10], bias: [1, 2, 3] });
    expect(output).toEqual([1, 2, 3, 11, 12, 13]);
  });

  test('an axis of size 1 is repeated', () => {
    const text = model('output x - mean(x, axis = 1, keep = true)', { inputs: 'input x: [2, 3]' });
    const { output } = forward(text, { x: [1, 2, 3, 10, 20, 30] });
    expect(output).toEqual([-1, 0, 1, -10, 0, 10]);
  });

  test('both operands may be repeated', () => {
    const text = model('output reshape(a, [2, 1]) * reshape(b, [1, 3])', {
      inputs: 'input a: [2]\n input b: [3]',
    });
    expect(outputShape(text)).toEqual([2, 3]);
    expect(forward(text, { a: [1, 10], b: [1, 2, 3] })['output']).toEqual([1, 2, 3, 10, 20, 30]);
  });

  test('are found by name, position, and from the right', () => {
    const definitions = `layer ByName (x: [T, D]) = sum(x, axis = T)
      layer ByPosition (x: [T, D]) = sum(x, axis = 0)
      layer FromRight (x: [T, D]) = sum(x, axis = -2)
      layer Except (x: [T, D]) = sum(x, axis = [T])`;
    for (const layer of ['ByName', 'ByPosition', 'FromRight', 'Except']) {
      const text = model(`net { ${layer} }`, { definitions, inputs: 'input x: [3, 2]' });
      expect(forward(text, { x: [1, 2, 3, 4, 5, 6] })['output']).toEqual([9, 12]);
    }
  });

  test('names survive element-wise operations and are the caller’s again outside', () => {
    const definitions = `layer Inner (x: [A, B]) -> [A, B] = 2 * x
      layer Outer (x: [T, D]) = mean(Inner(x) + 1, axis = T)`;
    const text = model('net { Outer }', { definitions, inputs: 'input x: [2, 3]' });
    expect(forward(text, { x: [1, 2, 3, 3, 4, 5] })['output']).toEqual([5, 7, 9]);
  });
});

describe('the batch', () => {
  test('is hidden: a mean over an example’s axes is each example’s own', () => {
    const text = model('output x - mean(x)', { inputs: 'input x: [2]' });
    expect(forward(text, { x: [1, 3, 10, 30] }, {}, { batch: 2 })['output']).toEqual([-1, 1, -10, 10]);
  });

  test('is an axis by the name of `batch`', () => {
    const text = model('output x - mean(x, axis = batch)', { inputs: 'input x: [2]' });
    expect(forward(text, { x: [1, 3, 11, 33] }, {}, { batch: 2 })['output']).toEqual([-5, -15, 5, 15]);
  });

  test('`except` takes it in', () => {
    const definitions = 'layer Center (x: [C, T]) = x - mean(x, except = C)';
    const text = model('net { Center }', { definitions, inputs: 'input x: [2, 2]' });
    const x = [1, 3, 100, 100, 5, 7, 300, 300];
    expect(forward(text, { x }, {}, { batch: 2 })['output']).toEqual([-3, -1, -100, -100, 1, 3, 100, 100]);
  });

  test('f([a; b]) is [f(a); f(b)]', () => {
    const text = model('net { Linear(3) Tanh Linear(2) Softmax }');
    const weights = {
      'linear_1.W': counting(12).map((i) => Math.sin(i)),
      'linear_1.b': [0.1, 0.2, 0.3],
      'linear_2.W': counting(6).map((i) => Math.cos(i)),
      'linear_2.b': [0.4, 0.5],
    };
    const rows = [
      [0.1, -0.2, 0.3, 0.4],
      [1, 2, -3, 0.5],
    ];
    const both = forward(text, { x: rows.flat() }, weights, { batch: 2 })['output'];
    const apart = rows.flatMap((x) => forward(text, { x }, weights)['output'] ?? []);
    expect(both).toEqual(apart);
  });
});

describe('products', () => {
  test.each([
    ['[4]', '[4]', 'a @ b', []],
    ['[3, 4]', '[4]', 'a @ b', [3]],
    ['[4]', '[4, 3]', 'a @ b', [3]],
    ['[2, 4]', '[4, 3]', 'a @ b', [2, 3]],
    ['[5, 2, 4]', '[4, 3]', 'a @ b', [5, 2, 3]],
    ['[5, 2, 4]', '[5, 4, 3]', 'a @ b', [5, 2, 3]],
    ['[2, 4]', '[3, 4]', "a @ b'", [2, 3]],
    ['[5, 4, 2]', '[5, 4, 3]', "a' @ b", [5, 2, 3]],
    ['[2, 4]', '[3, 4]', 'einsum("td, sd -> st", a, b)', [3, 2]],
  ])('of %s and %s: %s', (a, b, expression, shape) => {
    const text = model(`output 1 * (${expression})`, { inputs: `input a: ${a}\n input b: ${b}` });
    expect(outputShape(text)).toEqual(shape);
  });

  test('sums over the last axis of the one and the second-to-last of the other', () => {
    const text = model('output a @ b', { inputs: 'input a: [2, 2]\n input b: [2, 2]' });
    expect(forward(text, { a: [1, 2, 3, 4], b: [5, 6, 7, 8] })['output']).toEqual([19, 22, 43, 50]);
  });
});
