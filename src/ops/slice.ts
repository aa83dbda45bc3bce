import { affine } from './expressions.ts';
import { ShapeError, type Operation } from './operation.ts';
import { checkSettings, showShape } from './shapes.ts';

/** One number per axis: elements starts, starts + strides, … below limits. */
export type SliceAttributes = {
  readonly starts: readonly number[];
  readonly limits: readonly number[];
  readonly strides: readonly number[];
};

export const slice: Operation<SliceAttributes> = {
  formula: 'y[i] = x[start + stride · i]',

  shape([x = []], { starts, limits, strides }) {
    checkSettings('starts', starts, x.length, 0);
    checkSettings('limits', limits, x.length, 0);
    checkSettings('strides', strides, x.length, 1);
    return x.map((size, axis) => {
      const [start = 0, limit = size, stride = 1] = [starts[axis], limits[axis], strides[axis]];
      if (limit > size || start >= limit) {
        throw new ShapeError(`axis ${axis} of ${showShape(x)} has no elements from ${start} up to ${limit}`);
      }
      return Math.ceil((limit - start) / stride);
    });
  },

  // dx = dy at the sliced positions, zero elsewhere
  gradient({ emit, inputs: [x], output, cotangent, attributes: { starts, strides } }) {
    const high = output.shape.map((size, axis) => {
      const last = (starts[axis] ?? 0) + (size - 1) * (strides[axis] ?? 1);
      return (x?.shape[axis] ?? 0) - 1 - last;
    });
    return [
      emit.apply('pad', [cotangent], { low: starts, high, interior: strides.map((s) => s - 1), value: 0 }),
    ];
  },

  lower({ inputs: [x], attributes: { starts, strides }, result }) {
    if (!x) return;
    result((axes) => x(axes.map((axis, i) => affine(starts[i] ?? 0, [axis, strides[i] ?? 1]))));
  },

  samples: [
    { shapes: [[5]], attributes: { starts: [1], limits: [4], strides: [1] } },
    { shapes: [[4, 7]], attributes: { starts: [0, 1], limits: [4, 7], strides: [2, 3] } },
    { shapes: [[2, 6]], attributes: { starts: [1, 0], limits: [2, 6], strides: [1, 4] } },
  ],
};
