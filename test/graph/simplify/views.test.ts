// Rules of simplify-views.ts and simplify-windows.ts.
import { testRules } from './rule-trial.ts';

const tiles = { axes: [1], sizes: [2], strides: [2], dilations: [1], low: [0], high: [0] };
const overlapping = { axes: [1], sizes: [3], strides: [1], dilations: [1], low: [0], high: [0] };
const single = { axes: [1], sizes: [1], strides: [1], dilations: [1], low: [0], high: [0] };

testRules({
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
    [
      'concat ∘ concat',
      (t) =>
        t.op('concat', [t.x('x', [2]), t.op('concat', [t.x('y', [3]), t.x('z', [1])], { axis: 0 })], {
          axis: 0,
        }),
      'concat(x, y, z, axis: 0)',
    ],
    [
      'pads side by side',
      (t) => {
        const pad = (name: string, low: number, high: number) =>
          t.op('pad', [t.x(name, [3])], { low: [low], high: [high], interior: [0], value: 0 });
        return t.add(pad('y', 4, 2), pad('x', 1, 5));
      },
      'pad(concat(x, y, axis: 0), low: [1], high: [2], interior: [0], value: 0)',
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
});
