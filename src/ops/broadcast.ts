import type { Shape } from '../ir/graph/type.ts';
import { at } from './expressions.ts';
import { ShapeError, type Operation } from './operation.ts';
import { checkAxes, checkSizes, otherAxes, showShape } from './shapes.ts';

export type BroadcastAttributes = {
  readonly shape: Shape;
  /** Input axis i becomes axis axes[i] of the result, with the same size. The input is repeated along the other axes. */
  readonly axes: readonly number[];
};

export const broadcast: Operation<BroadcastAttributes> = {
  formula: 'y[…i…] = x[i]',

  shape([x = []], { shape, axes }) {
    checkSizes(shape);
    checkAxes(shape, axes);
    if (axes.length !== x.length || axes.some((axis, i) => shape[axis] !== x[i])) {
      throw new ShapeError(
        `${showShape(x)} does not spread along axes ${showShape(axes)} of ${showShape(shape)}`,
      );
    }
    return shape;
  },

  // dx = Σ dy over the added axes, transposed to the input's axis order
  gradient({ emit, cotangent, attributes: { shape, axes } }) {
    const kept = axes.toSorted((a, b) => a - b);
    const total = emit.sum(cotangent, otherAxes(shape.length, axes));
    return [
      emit.transpose(
        total,
        axes.map((axis) => kept.indexOf(axis)),
      ),
    ];
  },

  lower({ inputs: [x], attributes, result }) {
    if (!x) return;
    result((axes) => x(attributes.axes.flatMap((axis) => axes[axis] ?? []).map(at)));
  },

  samples: [
    { shapes: [[4]], attributes: { shape: [3, 4], axes: [1] } },
    { shapes: [[3]], attributes: { shape: [3, 4], axes: [0] } },
    { shapes: [[]], attributes: { shape: [2, 3], axes: [] } },
    { shapes: [[3, 2]], attributes: { shape: [2, 4, 3], axes: [2, 0] } },
  ],
};
