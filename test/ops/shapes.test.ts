// What the shape rules refuse, in the words that a diagnostic quotes.
import { describe, expect, test } from 'vitest';
import type { Attributes, Shape } from '../../src/ir/graph/type.ts';
import { ShapeError } from '../../src/ops/operation.ts';
import { operationOf, type OperationName } from '../../src/ops/table.ts';

const window = { axes: [1], sizes: [3], strides: [1], dilations: [1], low: [0], high: [0] };

const refused: readonly (readonly [OperationName, readonly Shape[], Attributes, string])[] = [
  ['add', [[3, 4], [4]], {}, '[3, 4] and [4] differ'],
  ['select', [[2], [2], [3]], {}, '[2] and [3] differ'],
  ['broadcast', [[3]], { shape: [4], axes: [0] }, '[3] does not spread along axes [0] of [4]'],
  ['broadcast', [[3, 3]], { shape: [3, 3], axes: [0, 0] }, 'axis 0 is named twice'],
  ['broadcast', [[3]], { shape: [0, 3], axes: [1] }, '[0, 3] has an empty axis'],
  ['reshape', [[3, 4]], { shape: [5, 2] }, '[3, 4] has 12 elements, but [5, 2] has 10'],
  ['transpose', [[3, 4]], { permutation: [0] }, '[0] is no order of the axes of [3, 4]'],
  ['transpose', [[3, 4]], { permutation: [0, 2] }, '[3, 4] has no axis 2'],
  [
    'slice',
    [[5]],
    { starts: [2], limits: [6], strides: [1] },
    'axis 0 of [5] has no elements from 2 up to 6',
  ],
  [
    'slice',
    [[5]],
    { starts: [2], limits: [2], strides: [1] },
    'axis 0 of [5] has no elements from 2 up to 2',
  ],
  ['slice', [[5]], { starts: [0], limits: [5], strides: [0] }, 'strides must be at least 1, but is 0'],
  ['slice', [[5, 5]], { starts: [0], limits: [5], strides: [1] }, 'starts has 1 numbers for 2 axes'],
  ['pad', [[5]], { low: [-1], high: [0], interior: [0], value: 0 }, 'low must be at least 0, but is -1'],
  [
    'concat',
    [
      [2, 3],
      [2, 4],
    ],
    { axis: 0 },
    '[2, 3] and [2, 4] differ off axis 0',
  ],
  ['concat', [[2], [2, 4]], { axis: 0 }, '[2] and [2, 4] differ off axis 0'],
  ['reverse', [[2]], { axes: [1] }, '[2] has no axis 1'],
  ['sum', [[2, 3]], { axes: [-1] }, '[2, 3] has no axis -1'],
  ['windows', [[1, 2]], { ...window, value: 0 }, 'a window of 3 does not fit axis 1 of [1, 2], padded to 2'],
  [
    'unwindows',
    [[1, 3, 2]],
    { ...window, shape: [1, 5] },
    '[1, 3, 2] are not the windows [1, 3, 3] of [1, 5]',
  ],
  [
    'contraction',
    [
      [3, 4],
      [5, 6],
    ],
    { left: [0, 1], right: [1, 2], output: [0, 2] },
    '4 and 5 are summed over together',
  ],
  [
    'contraction',
    [[3, 3], [3]],
    { left: [0, 0], right: [0], output: [0] },
    '[0, 0] does not label the axes of [3, 3]',
  ],
  [
    'contraction',
    [[3], [3]],
    { left: [0], right: [0], output: [1] },
    'label 1 of the result is not one axis of the operands',
  ],
  ['gather', [[], [3]], {}, 'a table needs at least one axis'],
  ['scatter_add', [[3], [4, 2]], { size: 5 }, "[4, 2] does not begin with the ids' shape [3]"],
  ['softmax', [[3]], { axis: 1 }, '[3] has no axis 1'],
  ['cumulative_sum', [[]], { axis: 0 }, '[] has no axis 0'],
  ['iota', [], { shape: [3], axis: 1 }, '[3] has no axis 1'],
  ['random', [], { site: 0, shape: [4097, 4096] }, '[4097, 4096] has more than 2^24 random numbers'],
];

describe('refused', () => {
  test.each(refused)('%s %j %j: %s', (name, shapes, attributes, message) => {
    const attempt = () => operationOf(name).shape(shapes, attributes);
    expect(attempt).toThrow(ShapeError);
    expect(attempt).toThrow(message);
  });
});

test('a name that is not in the table is a fault', () => {
  expect(() => operationOf('dropout')).toThrow('no primitive is called dropout');
});
