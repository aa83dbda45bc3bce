import type { Shape } from '../ir/graph/type.ts';
import { ShapeError, type Operation } from './operation.ts';
import { checkSizes, showShape } from './shapes.ts';
import { elementCount } from '../runtime/tensor.ts';

export type ReshapeAttributes = { readonly shape: Shape };

export const reshape: Operation<ReshapeAttributes> = {
  formula: 'y = x under another shape, in row-major order',

  shape([x = []], { shape }) {
    checkSizes(shape);
    if (elementCount(x) !== elementCount(shape)) {
      throw new ShapeError(
        `${showShape(x)} has ${elementCount(x)} elements, but ${showShape(shape)} has ${elementCount(shape)}`,
      );
    }
    return shape;
  },

  // dx = dy reshaped to the input's shape
  gradient: ({ emit, inputs: [x], cotangent }) => [x && emit.reshape(cotangent, x.shape)],

  lower: ({ alias }) => alias(0),

  samples: [
    { shapes: [[2, 6]], attributes: { shape: [3, 4] } },
    { shapes: [[2, 3, 2]], attributes: { shape: [12] } },
    { shapes: [[]], attributes: { shape: [1, 1] } },
  ],
};
