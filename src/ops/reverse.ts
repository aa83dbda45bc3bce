import { affine, at } from './expressions.ts';
import type { Operation } from './operation.ts';
import { checkAxes } from './shapes.ts';

export type ReverseAttributes = { readonly axes: readonly number[] };

export const reverse: Operation<ReverseAttributes> = {
  formula: 'y[i] = x[n − 1 − i]',

  shape([x = []], { axes }) {
    checkAxes(x, axes);
    return x;
  },

  // dx = dy reversed
  gradient: ({ emit, cotangent, attributes: { axes } }) => [emit.apply('reverse', [cotangent], { axes })],

  lower({ inputs: [x], attributes, result }) {
    if (!x) return;
    result((axes) =>
      x(axes.map((axis, i) => (attributes.axes.includes(i) ? affine(axis.size - 1, [axis, -1]) : at(axis)))),
    );
  },

  samples: [
    { shapes: [[4]], attributes: { axes: [0] } },
    { shapes: [[2, 3, 2]], attributes: { axes: [1, 2] } },
  ],
};
