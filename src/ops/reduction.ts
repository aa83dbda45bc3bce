// The common part of sum, max and argmax: the reduced axes are dropped; elements are reduced in row-major order of the list of axes.
import type { Axis, Expression, Reducer } from '../ir/stages/type.ts';
import { at, reduce } from './expressions.ts';
import type { LowerContext, Operation } from './operation.ts';
import { checkAxes, otherAxes, withoutAxes } from './shapes.ts';

export type ReductionAttributes = { readonly axes: readonly number[] };

export function reduction(
  formula: string,
  reducer: Reducer,
  gradient: Operation<ReductionAttributes>['gradient'],
  distinct = false,
): Operation<ReductionAttributes> {
  return {
    formula,

    shape([x = []], { axes }) {
      checkAxes(x, axes);
      return withoutAxes(x, axes);
    },

    gradient,

    lower({ inputs: [x], inputShapes: [shape = []], attributes, axis, result }) {
      if (!x) return;
      const reduced = attributes.axes.map((i) => axis(shape[i] ?? 1, 'k'));
      result((kept) => {
        const index = axesInOrder(shape.length, attributes.axes, reduced, kept);
        return reduce(reducer, reduced, x(index.map(at)));
      });
    },

    samples: [
      { shapes: [[3, 4]], attributes: { axes: [1] }, distinct },
      { shapes: [[2, 3, 4]], attributes: { axes: [0, 2] }, distinct },
      { shapes: [[5]], attributes: { axes: [0] }, distinct },
      { shapes: [[2, 3]], attributes: { axes: [1, 0] }, distinct },
      // Vectorized with a masked remainder, and no element above zero: the padding value of the unused lanes must not win.
      { shapes: [[37]], attributes: { axes: [0] }, range: [-3, -1], distinct },
      { shapes: [[2, 21]], attributes: { axes: [1] }, range: [-3, -1], distinct },
    ],
  };
}

/** A row's reduction as a kernel of its own: `value` reduced along one axis, read at the other axes. */
export function reduceAlong<A extends { readonly axis: number }>(
  { inputShapes: [shape = []], attributes: { axis: along }, axis, intermediate }: LowerContext<A>,
  suffix: string,
  reducer: Reducer,
  value: (axes: readonly Axis[], row: readonly Axis[]) => Expression,
  finish: (total: Expression) => Expression = (total) => total,
) {
  return intermediate(suffix, withoutAxes(shape, [along]), (row) => {
    const k = axis(shape[along] ?? 1, 'k');
    return finish(reduce(reducer, [k], value(axesInOrder(shape.length, [along], [k], row), row)));
  });
}

/** All axes of a tensor in its order, from the reduced and the kept ones. */
function axesInOrder(
  rank: number,
  positions: readonly number[],
  reduced: readonly Axis[],
  kept: readonly Axis[],
): readonly Axis[] {
  const byPosition = new Map<number, Axis | undefined>();
  positions.forEach((position, i) => byPosition.set(position, reduced[i]));
  otherAxes(rank, positions).forEach((position, i) => byPosition.set(position, kept[i]));
  return Array.from({ length: rank }, (_, position) => byPosition.get(position) ?? []).flat();
}
