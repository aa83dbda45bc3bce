import { at } from './expressions.ts';
import { ShapeError, type Operation } from './operation.ts';
import { checkAxes, invertPermutation, showShape, sizesAt } from './shapes.ts';

export type TransposeAttributes = {
  /** Result axis i is input axis permutation[i]. */
  readonly permutation: readonly number[];
};

export const transpose: Operation<TransposeAttributes> = {
  formula: 'y = x with its axes permuted',

  shape([x = []], { permutation }) {
    checkAxes(x, permutation);
    if (permutation.length !== x.length) {
      throw new ShapeError(`${showShape(permutation)} is no order of the axes of ${showShape(x)}`);
    }
    return sizesAt(x, permutation);
  },

  // dx = dy, transposed back
  gradient: ({ emit, cotangent, attributes }) => [
    emit.transpose(cotangent, invertPermutation(attributes.permutation)),
  ],

  lower({ inputs: [x], attributes, result }) {
    if (!x) return;
    const inverse = invertPermutation(attributes.permutation);
    result((axes) => x(inverse.flatMap((axis) => axes[axis] ?? []).map(at)));
  },

  samples: [
    { shapes: [[3, 4]], attributes: { permutation: [1, 0] } },
    { shapes: [[2, 3, 4]], attributes: { permutation: [2, 0, 1] } },
  ],
};
