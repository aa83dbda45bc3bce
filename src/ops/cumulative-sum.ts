import { affine, at, guard, inside, reduce } from './expressions.ts';
import type { Operation } from './operation.ts';
import { checkAxes } from './shapes.ts';

export type CumulativeSumAttributes = { readonly axis: number };

export const cumulativeSum: Operation<CumulativeSumAttributes> = {
  formula: 'y[i] = Σ x[k] over k ≤ i',

  shape([x = []], { axis }) {
    checkAxes(x, [axis]);
    return x;
  },

  // dx[k] = Σ dy[i] over i ≥ k: a cumulative sum from the other end
  gradient({ emit, cotangent, attributes: { axis } }) {
    const reversed = emit.apply('reverse', [cotangent], { axes: [axis] });
    return [emit.apply('reverse', [emit.apply('cumulative_sum', [reversed], { axis })], { axes: [axis] })];
  },

  lower({ inputs: [x], inputShapes: [shape = []], attributes, axis: newAxis, result }) {
    if (!x) return;
    const size = shape[attributes.axis] ?? 1;
    const k = newAxis(size, 'k');
    result((axes) => {
      const i = axes[attributes.axis];
      if (!i) throw new Error('cumulative_sum: an axis is missing');
      const index = axes.map((axis) => at(axis === i ? k : axis));
      return reduce('sum', [k], guard([inside(affine(0, [i, 1], [k, -1]), size)], x(index)));
    });
  },

  samples: [
    { shapes: [[5]], attributes: { axis: 0 } },
    { shapes: [[2, 4, 3]], attributes: { axis: 1 } },
  ],
};
