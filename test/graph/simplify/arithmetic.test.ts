// Rules of simplify-arithmetic.ts.
import { testRules } from './rule-trial.ts';

const overlapping = { axes: [1], sizes: [3], strides: [1], dilations: [1], low: [0], high: [0] };

testRules({
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
    ['x − x', (t) => ((x) => t.subtract(x, x))(t.x('x', [2])), '0'],
    [
      'x / broadcast √s',
      (t) => t.divide(t.x('x', [2, 3]), t.broadcast(t.sqrt(t.x('s', [3])), [2, 3], [1])),
      'multiply(x, broadcast(divide(1, sqrt(s)), shape: [2 3], axes: [1]))',
    ],
    [
      '(x · broadcast s) · broadcast t',
      (t) => {
        const [s, u] = ['s', 't'].map((name) => t.broadcast(t.x(name, [3]), [2, 3], [1]));
        return t.multiply(t.multiply(t.x('x', [2, 3]), s ?? 1), u ?? 1);
      },
      'multiply(x, broadcast(multiply(s, t), shape: [2 3], axes: [1]))',
    ],
    [
      '(x · 2) · broadcast s',
      (t) => t.multiply(t.multiply(t.x('x', [2, 3]), 2), t.broadcast(t.x('s', [3]), [2, 3], [1])),
      'multiply(x, broadcast(multiply(2, s), shape: [2 3], axes: [1]))',
    ],
    [
      'where(c, x, 0) + where(c, 0, y) · 3',
      (t) => {
        const condition = t.x('c', [4], 2);
        const otherwise = t.select(condition, 0, t.x('y', [4]));
        return t.add(t.select(condition, t.x('x', [4]), 0), t.multiply(otherwise, 3));
      },
      'select(c, x, multiply(y, 3))',
    ],
    [
      'where(c, 0, x) · 3 + where(c, x, 0)',
      (t) => {
        const [condition, x] = [t.x('c', [4], 2), t.x('x', [4])];
        return t.add(t.multiply(t.select(condition, 0, x), 3), t.select(condition, x, 0));
      },
      'multiply(x, select(c, 1, 3))',
    ],
    [
      'where(one_hot, 3, 0)',
      (t) => t.select(t.op('one_hot', [t.x('i', [4], 3)], { size: 3 }), t.constant(3, [4, 3]), 0),
      'multiply(one_hot(i, size: 3), 3)',
    ],
    [
      'where(one_hot, x, 0), as x may be infinite',
      (t) => t.select(t.op('one_hot', [t.x('i', [4], 3)], { size: 3 }), t.x('x', [4, 3]), 0),
      'select(one_hot(i, size: 3), x, 0)',
    ],
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
});
