// Each rule of simplify-*.ts: the formula before (as it is built) and after; and that both compute the same.
import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { simplify } from '../../src/graph/simplify.ts';
import type { Attributes, Node, Shape } from '../../src/ir/graph.ts';
import { prepare } from '../ops/samples.ts';
import { numbersFrom, tensorOf } from '../ops/tensors.ts';
import { outline } from './outline.ts';

class Trial extends GraphBuilder {
  readonly given: Record<string, readonly number[]> = {};
  private readonly random = numbersFrom(5);

  /** An input with numbers in [0.5, 2], or whole numbers below a limit. */
  x(name: string, shape: Shape, limit?: number): Node {
    const draw = () => (limit === undefined ? 0.5 + 1.5 * this.random() : Math.floor(limit * this.random()));
    this.given[name] = tensorOf(shape, draw).data;
    return this.input(name, 'input', shape);
  }

  op(operation: string, inputs: readonly Node[], attributes: Attributes = {}): Node {
    return this.apply(operation, inputs, attributes);
  }
}

type Row = readonly [string, (t: Trial) => Node, string];

const tiles = { axes: [1], sizes: [2], strides: [2], dilations: [1], low: [0], high: [0] };
const overlapping = { axes: [1], sizes: [3], strides: [1], dilations: [1], low: [0], high: [0] };
const single = { axes: [1], sizes: [1], strides: [1], dilations: [1], low: [0], high: [0] };

const rows: Readonly<Record<string, readonly Row[]>> = {
  arithmetic: [
    ['x + 0', (t) => t.op('add', [t.constant(0, [2]), t.x('x', [2])]), 'x'],
    ['x + −y', (t) => t.add(t.x('x', [2]), t.negate(t.x('y', [2]))), 'subtract(x, y)'],
    ['−x + y', (t) => t.add(t.negate(t.x('x', [2])), t.x('y', [2])), 'subtract(y, x)'],
    ['x − 0', (t) => t.op('subtract', [t.x('x', [2]), t.constant(0, [2])]), 'x'],
    ['0 − x', (t) => t.subtract(0, t.x('x', [2])), 'negate(x)'],
    ['x − −y', (t) => t.subtract(t.x('x', [2]), t.negate(t.x('y', [2]))), 'add(x, y)'],
    ['−x − y', (t) => t.subtract(t.negate(t.x('x', [2])), t.x('y', [2])), 'negate(add(x, y))'],
    [
      '2x + 2y',
      (t) => t.add(t.multiply(t.x('x', [2]), 2), t.multiply(t.x('y', [2]), 2)),
      'multiply(add(x, y), 2)',
    ],
    [
      '−2x − −2y',
      (t) => t.subtract(t.multiply(t.x('x', [2]), -2), t.multiply(t.x('y', [2]), -2)),
      'multiply(subtract(y, x), 2)',
    ],
    ['x · 1', (t) => t.op('multiply', [t.constant(1, [2]), t.x('x', [2])]), 'x'],
    ['x · −1', (t) => t.multiply(t.x('x', [2]), -1), 'negate(x)'],
    ['x · 0', (t) => t.multiply(t.x('x', [2]), 0), '0'],
    ['(x · 3) · 4', (t) => t.multiply(t.multiply(t.x('x', [2]), 3), 4), 'multiply(x, 12)'],
    ['−x · 3', (t) => t.multiply(t.negate(t.x('x', [2])), 3), 'multiply(x, -3)'],
    ['−x · y', (t) => t.multiply(t.negate(t.x('x', [2])), t.x('y', [2])), 'negate(multiply(x, y))'],
    ['−x / −y', (t) => t.divide(t.negate(t.x('x', [2])), t.negate(t.x('y', [2]))), 'divide(x, y)'],
    ['x / 1', (t) => t.op('divide', [t.x('x', [2]), t.constant(1, [2])]), 'x'],
    ['x / 4', (t) => t.divide(t.x('x', [2]), 4), 'multiply(x, 0.25)'],
    ['x / 1e40', (t) => t.divide(t.x('x', [2]), 1e40), 'divide(x, 1e+40)'],
    ['0 / x', (t) => t.divide(0, t.x('x', [2])), '0'],
    ['−−x', (t) => t.negate(t.negate(t.x('x', [2]))), 'x'],
    ['−(x − y)', (t) => t.negate(t.subtract(t.x('x', [2]), t.x('y', [2]))), 'subtract(y, x)'],
    ['−(x · 3)', (t) => t.negate(t.multiply(t.x('x', [2]), 3)), 'multiply(x, -3)'],
    ['x^0', (t) => t.power(t.x('x', [2]), 0), '1'],
    ['x^1', (t) => t.op('power', [t.x('x', [2]), t.constant(1, [2])]), 'x'],
    ['x^2', (t) => t.power(t.x('x', [2]), 2), 'multiply(x, x)'],
    ['x^3', (t) => t.power(t.x('x', [2]), 3), 'multiply(multiply(x, x), x)'],
    ['x^4', (t) => t.power(t.x('x', [2]), 4), 'multiply(multiply(x, x), multiply(x, x))'],
    ['x^½', (t) => t.power(t.x('x', [2]), 0.5), 'sqrt(x)'],
    ['x^−1', (t) => t.power(t.x('x', [2]), -1), 'divide(1, x)'],
    ['x^−½', (t) => t.power(t.x('x', [2]), -0.5), 'divide(1, sqrt(x))'],
    ['x^−2', (t) => t.power(t.x('x', [2]), -2), 'divide(1, multiply(x, x))'],
    ['1^x', (t) => t.op('power', [t.constant(1, [2]), t.x('x', [2])]), '1'],
    ['x^2.5', (t) => t.power(t.x('x', [2]), 2.5), 'power(x, 2.5)'],
    ['where(1, x, y)', (t) => t.select(t.constant(1, [2]), t.x('x', [2]), t.x('y', [2])), 'x'],
    ['where(0, x, y)', (t) => t.select(t.constant(0, [2]), t.x('x', [2]), t.x('y', [2])), 'y'],
    ['where(c, x, x)', (t) => ((x) => t.select(t.x('c', [2]), x, x))(t.x('x', [2])), 'x'],
    [
      'log softmax x',
      (t) => t.log(t.op('softmax', [t.x('x', [2, 3])], { axis: 1 })),
      'log_softmax(x, axis: 1)',
    ],
    ['log exp x', (t) => t.log(t.exp(t.x('x', [2]))), 'x'],
  ],
  constants: [
    ['2 + 3', (t) => t.add(t.constant(2, [2]), 3), '5'],
    ['relu −2', (t) => t.op('relu', [t.constant(-2, [2])]), '0'],
    ['where(2 < 3, …)', (t) => t.select(t.less(t.constant(2, [2]), 3), t.constant(7, [2]), 8), '7'],
    ['log −1 stays', (t) => t.log(t.constant(-1, [])), 'log(-1)'],
    [
      'views of a constant',
      (t) => t.reshape(t.transpose(t.broadcast(t.constant(2, []), [2, 3], []), [1, 0]), [6]),
      '2',
    ],
    ['a slice', (t) => t.op('slice', [t.constant(2, [4])], { starts: [0], limits: [4], strides: [2] }), '2'],
    [
      'a pad',
      (t) => t.op('pad', [t.constant(2, [4])], { low: [1], high: [0], interior: [2], value: 2 }),
      '2',
    ],
    ['a concat', (t) => t.op('concat', [t.constant(2, [4]), t.constant(2, [3])], { axis: 0 }), '2'],
    ['a reverse', (t) => t.op('reverse', [t.constant(2, [4])], { axes: [0] }), '2'],
    ['windows', (t) => t.op('windows', [t.constant(2, [1, 4])], { ...overlapping, value: 0 }), '2'],
    ['a sum', (t) => t.sum(t.constant(2, [3, 4]), [1]), '8'],
    ['a maximum', (t) => t.op('max', [t.constant(2, [3, 4])], { axes: [1] }), '2'],
  ],
  'under a broadcast': [
    [
      'exp',
      (t) => t.exp(t.broadcast(t.x('x', [3]), [2, 3], [1])),
      'broadcast(exp(x), shape: [2 3], axes: [1])',
    ],
    [
      'of different ranks',
      (t) => t.add(t.broadcast(t.x('s', []), [2, 3], []), t.broadcast(t.x('x', [3]), [2, 3], [1])),
      'broadcast(add(broadcast(s, shape: [3], axes: []), x), shape: [2 3], axes: [1])',
    ],
    [
      'with a constant',
      (t) => t.multiply(t.broadcast(t.x('s', []), [2, 3], []), 2),
      'broadcast(multiply(s, 2), shape: [2 3], axes: [])',
    ],
    [
      'not where nothing is saved',
      (t) => t.add(t.broadcast(t.x('x', [2]), [2, 3], [0]), t.broadcast(t.x('y', [3]), [2, 3], [1])),
      'add(broadcast(x, shape: [2 3], axes: [0]), broadcast(y, shape: [2 3], axes: [1]))',
    ],
  ],
  views: [
    [
      'broadcast ∘ broadcast',
      (t) => t.broadcast(t.broadcast(t.x('x', [3]), [2, 3], [1]), [2, 4, 3], [0, 2]),
      'broadcast(x, shape: [2 4 3], axes: [2])',
    ],
    [
      'broadcast ∘ transpose',
      (t) => t.broadcast(t.transpose(t.x('x', [2, 3]), [1, 0]), [4, 3, 2], [1, 2]),
      'broadcast(x, shape: [4 3 2], axes: [2 1])',
    ],
    [
      'transpose ∘ broadcast',
      (t) => t.transpose(t.broadcast(t.x('x', [3]), [2, 3], [1]), [1, 0]),
      'broadcast(x, shape: [3 2], axes: [0])',
    ],
    [
      'a broadcast that repeats nothing',
      (t) => t.broadcast(t.x('x', [3]), [1, 3, 1], [1]),
      'reshape(x, shape: [1 3 1])',
    ],
    [
      'a broadcast that only turns',
      (t) => t.op('broadcast', [t.x('x', [2, 3])], { shape: [3, 2], axes: [1, 0] }),
      'transpose(x, permutation: [1 0])',
    ],
    [
      'reshape ∘ reshape',
      (t) => t.reshape(t.reshape(t.x('x', [2, 6]), [12]), [3, 4]),
      'reshape(x, shape: [3 4])',
    ],
    ['reshape to and fro', (t) => t.reshape(t.reshape(t.x('x', [2, 6]), [12]), [2, 6]), 'x'],
    [
      'reshape of one element repeated',
      (t) => t.reshape(t.broadcast(t.x('s', [1]), [2, 1], [1]), [2]),
      'broadcast(reshape(s, shape: []), shape: [2], axes: [])',
    ],
    [
      'transpose ∘ transpose',
      (t) => t.transpose(t.transpose(t.x('x', [2, 3, 4]), [1, 2, 0]), [1, 0, 2]),
      'transpose(x, permutation: [2 1 0])',
    ],
    ['transpose to and fro', (t) => t.transpose(t.transpose(t.x('x', [2, 3, 4]), [1, 2, 0]), [2, 0, 1]), 'x'],
    [
      'a transpose that moves nothing',
      (t) => t.transpose(t.x('x', [2, 1, 4]), [1, 0, 2]),
      'reshape(x, shape: [1 2 4])',
    ],
    [
      'slice ∘ slice',
      (t) =>
        t.op('slice', [t.op('slice', [t.x('x', [9])], { starts: [1], limits: [9], strides: [2] })], {
          starts: [1],
          limits: [4],
          strides: [2],
        }),
      'slice(x, starts: [3], limits: [8], strides: [4])',
    ],
    [
      'a slice of all',
      (t) => t.op('slice', [t.x('x', [3])], { starts: [0], limits: [3], strides: [1] }),
      'x',
    ],
    [
      'slice ∘ concat',
      (t) =>
        t.op('slice', [t.op('concat', [t.x('x', [3]), t.x('y', [4])], { axis: 0 })], {
          starts: [3],
          limits: [7],
          strides: [1],
        }),
      'y',
    ],
    [
      'a slice across a seam stays',
      (t) =>
        t.op('slice', [t.op('concat', [t.x('x', [3]), t.x('y', [4])], { axis: 0 })], {
          starts: [2],
          limits: [7],
          strides: [1],
        }),
      'slice(concat(x, y, axis: 0), starts: [2], limits: [7], strides: [1])',
    ],
    [
      'a pad of nothing',
      (t) => t.op('pad', [t.x('x', [3])], { low: [0], high: [0], interior: [0], value: 9 }),
      'x',
    ],
    ['a concat of one', (t) => t.op('concat', [t.x('x', [3])], { axis: 0 }), 'x'],
    [
      'reverse twice',
      (t) => t.op('reverse', [t.op('reverse', [t.x('x', [2, 3])], { axes: [0, 1] })], { axes: [1] }),
      'reverse(x, axes: [0])',
    ],
    [
      'reverse to and fro',
      (t) => t.op('reverse', [t.op('reverse', [t.x('x', [2, 3])], { axes: [1] })], { axes: [1] }),
      'x',
    ],
    ['a reverse of one', (t) => t.op('reverse', [t.x('x', [1, 3])], { axes: [0] }), 'x'],
  ],
  windows: [
    [
      'windows ∘ pad',
      (t) =>
        t.op(
          'windows',
          [t.op('pad', [t.x('x', [1, 4])], { low: [0, 1], high: [0, 2], interior: [0, 0], value: -1 })],
          {
            ...overlapping,
            value: 0,
          },
        ),
      'windows(x, axes: [1], sizes: [3], strides: [1], dilations: [1], low: [1], high: [2], value: -1)',
    ],
    [
      'tiles',
      (t) => t.op('windows', [t.x('x', [6, 3])], { ...tiles, axes: [0], value: 0 }),
      'transpose(reshape(x, shape: [3 2 3]), permutation: [0 2 1])',
    ],
    [
      'tiles of the last axis',
      (t) => t.op('windows', [t.x('x', [3, 6])], { ...tiles, value: 0 }),
      'reshape(x, shape: [3 3 2])',
    ],
    [
      'single elements',
      (t) => t.op('windows', [t.x('x', [3, 6])], { ...single, value: 0 }),
      'reshape(x, shape: [3 6 1])',
    ],
    [
      'windows that leave some out stay',
      (t) => t.op('windows', [t.x('x', [3, 5])], { ...tiles, value: 0 }),
      'windows(x, axes: [1], sizes: [2], strides: [2], dilations: [1], low: [0], high: [0], value: 0)',
    ],
    [
      'tiles back',
      (t) => t.op('unwindows', [t.x('x', [3, 3, 2])], { ...tiles, shape: [3, 6] }),
      'reshape(x, shape: [3 6])',
    ],
    [
      'tiles back, with a rest',
      (t) => t.op('unwindows', [t.x('x', [3, 2, 2])], { ...tiles, shape: [3, 5] }),
      'pad(reshape(x, shape: [3 4]), low: [0 0], high: [0 1], interior: [0 0], value: 0)',
    ],
    [
      'tiles back, padded',
      (t) => t.op('unwindows', [t.x('x', [3, 3, 2])], { ...tiles, low: [1], high: [1], shape: [3, 5] }),
      'slice(reshape(x, shape: [3 6]), starts: [0 1], limits: [3 6], strides: [1 1])',
    ],
  ],
  sums: [
    ['over nothing', (t) => t.op('sum', [t.x('x', [2])], { axes: [] }), 'x'],
    ['over size 1', (t) => t.sum(t.x('x', [2, 1]), [1]), 'reshape(x, shape: [2])'],
    ['in order', (t) => t.sum(t.x('x', [2, 3, 1]), [2, 1, 0]), 'reshape(sum(x, axes: [0 1]), shape: [])'],
    ['of a sum', (t) => t.sum(t.sum(t.x('x', [2, 3, 4]), [1]), [1]), 'sum(x, axes: [1 2])'],
    [
      'of a broadcast',
      (t) => t.sum(t.broadcast(t.x('x', [2, 3]), [2, 5, 3], [0, 2]), [1, 2]),
      'multiply(sum(x, axes: [1]), 5)',
    ],
    [
      'of a broadcast, still one',
      (t) => t.sum(t.broadcast(t.x('x', [3]), [2, 5, 3], [2]), [0]),
      'broadcast(multiply(x, 2), shape: [5 3], axes: [1])',
    ],
    ['of a transpose', (t) => t.sum(t.transpose(t.x('x', [2, 3]), [1, 0]), [0]), 'sum(x, axes: [1])'],
    [
      'of a transpose, still one',
      (t) => t.sum(t.transpose(t.x('x', [2, 3, 4]), [2, 1, 0]), [1]),
      'transpose(sum(x, axes: [1]), permutation: [1 0])',
    ],
    ['of −x', (t) => t.sum(t.negate(t.x('x', [2, 3])), [0]), 'negate(sum(x, axes: [0]))'],
    ['of x · 3', (t) => t.sum(t.multiply(t.x('x', [2, 3]), 3), [0]), 'multiply(sum(x, axes: [0]), 3)'],
    [
      'of x · broadcast s',
      (t) => t.sum(t.multiply(t.x('x', [2, 3]), t.broadcast(t.x('s', [2]), [2, 3], [0])), [1]),
      'multiply(sum(x, axes: [1]), s)',
    ],
    [
      'of broadcast s · x',
      (t) => t.sum(t.multiply(t.broadcast(t.x('s', [2]), [2, 3], [0]), t.x('x', [2, 3])), [1]),
      'multiply(sum(x, axes: [1]), s)',
    ],
    [
      'of x / broadcast s',
      (t) => t.sum(t.divide(t.x('x', [2, 3]), t.broadcast(t.x('s', [2]), [2, 3], [0])), [1]),
      'divide(sum(x, axes: [1]), s)',
    ],
    [
      'of x · broadcast s, which differs along the sum',
      (t) => t.sum(t.multiply(t.x('x', [2, 3]), t.broadcast(t.x('s', [3]), [2, 3], [1])), [1]),
      'sum(multiply(x, broadcast(s, shape: [2 3], axes: [1])), axes: [1])',
    ],
    ['of one_hot', (t) => t.sum(t.op('one_hot', [t.x('i', [4], 3)], { size: 3 }), [0, 1]), '4'],
    [
      'of one_hot and a number',
      (t) => t.sum(t.add(t.multiply(t.op('one_hot', [t.x('i', [4], 2)], { size: 2 }), 0.5), 0.25), [1]),
      '1',
    ],
    ['max over size 1', (t) => t.op('max', [t.x('x', [2, 1])], { axes: [1] }), 'reshape(x, shape: [2])'],
  ],
  contractions: [
    [
      'labels in order',
      (t) => t.contract(t.x('a', [2, 3]), [7, 5], t.x('b', [3, 4]), [5, 2], [7, 2]),
      'contraction(a, b, left: [0 1], right: [1 2], output: [0 2])',
    ],
    [
      'of a transpose',
      (t) => t.contract(t.x('a', [2, 3]), [0, 1], t.transpose(t.x('b', [4, 3]), [1, 0]), [1, 2], [0, 2]),
      'contraction(a, b, left: [0 1], right: [2 1], output: [0 2])',
    ],
    [
      'a transpose of it',
      (t) => t.transpose(t.contract(t.x('a', [2, 3]), [0, 1], t.x('b', [3, 4]), [1, 2], [0, 2]), [1, 0]),
      'contraction(a, b, left: [0 1], right: [1 2], output: [2 0])',
    ],
    [
      'of −a',
      (t) => t.contract(t.negate(t.x('a', [2, 3])), [0, 1], t.x('b', [3, 4]), [1, 2], [0, 2]),
      'negate(contraction(a, b, left: [0 1], right: [1 2], output: [0 2]))',
    ],
    [
      'of a scaled operand larger than the result',
      (t) => t.contract(t.multiply(t.x('a', [2, 9]), 3), [0, 1], t.x('b', [9, 4]), [1, 2], [0, 2]),
      'multiply(contraction(a, b, left: [0 1], right: [1 2], output: [0 2]), 3)',
    ],
    [
      'of a scaled operand smaller than the result',
      (t) => t.contract(t.multiply(t.x('a', [2, 3]), 3), [0, 1], t.x('b', [3, 4]), [1, 2], [0, 2]),
      'contraction(multiply(a, 3), b, left: [0 1], right: [1 2], output: [0 2])',
    ],
    [
      'with a constant',
      (t) => t.contract(t.x('a', [2, 3]), [0, 1], t.constant(2, [3, 4]), [1, 2], [0, 2]),
      'broadcast(multiply(sum(a, axes: [1]), 2), shape: [2 4], axes: [0])',
    ],
    [
      'with a constant of its own sum',
      (t) => t.contract(t.x('a', [2]), [0], t.constant(2, [3]), [1], [0]),
      'multiply(a, 6)',
    ],
    [
      'of a broadcast along the sum',
      (t) => t.contract(t.broadcast(t.x('a', [2]), [2, 3], [0]), [0, 1], t.x('b', [3, 4]), [1, 2], [0, 2]),
      'multiply(broadcast(a, shape: [2 4], axes: [0]), broadcast(sum(b, axes: [0]), shape: [2 4], axes: [1]))',
    ],
    [
      'of a broadcast along the result',
      (t) => t.contract(t.broadcast(t.x('a', [3]), [2, 3], [1]), [0, 1], t.x('b', [3, 4]), [1, 2], [0, 2]),
      'broadcast(contraction(a, b, left: [0], right: [0 1], output: [1]), shape: [2 4], axes: [1])',
    ],
    [
      'of a broadcast summed alone',
      (t) => t.contract(t.broadcast(t.x('a', [3]), [2, 3], [1]), [0, 1], t.x('b', [3, 4]), [1, 2], [2]),
      'multiply(contraction(a, b, left: [0], right: [0 1], output: [1]), 2)',
    ],
    [
      'a sum of one operand alone',
      (t) => t.contract(t.x('a', [2, 3, 5]), [0, 1, 3], t.x('b', [3, 4]), [1, 2], [0, 2]),
      'contraction(sum(a, axes: [2]), b, left: [0 1], right: [1 2], output: [0 2])',
    ],
    [
      'a sum over size 1',
      (t) => t.contract(t.x('a', [2, 3, 1]), [0, 1, 3], t.x('b', [3, 4, 1]), [1, 2, 3], [0, 2]),
      'contraction(reshape(a, shape: [2 3]), reshape(b, shape: [3 4]), left: [0 1], right: [1 2], output: [0 2])',
    ],
    [
      'without a sum',
      (t) => t.contract(t.x('a', [2, 3]), [0, 1], t.x('b', [3, 2]), [1, 0], [1, 0]),
      'multiply(transpose(a, permutation: [1 0]), b)',
    ],
  ],
};

describe.each(Object.entries(rows))('%s', (_, list) => {
  test.each(list)('%s', (__, build, expected) => {
    const trial = new Trial('trial');
    trial.output('y', build(trial));
    const graph = trial.finish();
    const simplified = simplify(graph);
    expect(outline(simplified, simplified.outputs[0]?.value ?? -1)).toBe(expected);
    const [before, after] = [graph, simplified].map((each) => [
      ...(prepare(each)(trial.given).get('y') ?? []),
    ]);
    expect(after).toHaveLength(before?.length ?? 0);
    after?.forEach((value, i) => {
      const other = before?.[i] ?? 0;
      expect(Object.is(value, other) || Math.abs(value - other) < 1e-11, `${other} became ${value}`).toBe(
        true,
      );
    });
  });
});
