// Rules of simplify-reductions.ts and simplify-contractions.ts.
import { testRules } from './rule-trial.ts';

testRules({
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
      'of a product of products',
      (t) => {
        const spread = (name: string) => t.broadcast(t.x(name, [2]), [2, 3], [0]);
        const left = t.multiply(t.negate(t.x('x', [2, 3])), spread('s'));
        return t.sum(t.multiply(left, t.divide(t.x('y', [2, 3]), spread('t'))), [1]);
      },
      'negate(divide(multiply(sum(multiply(x, y), axes: [1]), s), t))',
    ],
    [
      'of x · broadcast s, which differs along the sum',
      (t) => t.sum(t.multiply(t.x('x', [2, 3]), t.broadcast(t.x('s', [3]), [2, 3], [1])), [1]),
      'sum(multiply(x, broadcast(s, shape: [2 3], axes: [1])), axes: [1])',
    ],
    [
      'of what one_hot picks from a row of one value',
      (t) => {
        const hot = t.op('one_hot', [t.x('i', [4], 3)], { size: 3 });
        return t.sum(t.select(hot, t.broadcast(t.x('s', [4]), [4, 3], [0]), 0), [1]);
      },
      's',
    ],
    [
      'of what one_hot picks, over the examples too',
      (t) => {
        const hot = t.op('one_hot', [t.x('i', [4], 3)], { size: 3 });
        return t.sum(t.select(hot, t.broadcast(t.x('s', [4]), [4, 3], [0]), 0), [0, 1]);
      },
      'sum(s, axes: [0])',
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
      'a transpose of it, scaled',
      (t) =>
        t.transpose(
          t.negate(t.multiply(t.contract(t.x('a', [2, 3]), [0, 1], t.x('b', [3, 4]), [1, 2], [0, 2]), 3)),
          [1, 0],
        ),
      'multiply(contraction(a, b, left: [0 1], right: [1 2], output: [2 0]), -3)',
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
});
