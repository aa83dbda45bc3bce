// Plans a scatter-add: threads share the columns, so that no two of them write one element and each element is summed in the order of the
// ids.
import type { Machine } from '../machine/machine.ts';
import type { ScatterPlan, ScatterShape } from '../type.ts';

/** Vectors of columns that one work item owns. */
const vectorsPerItem = 4;

export function planScatter(shape: ScatterShape, { lanes }: Machine): ScatterPlan {
  const vectors = Math.ceil(shape.width / lanes);
  return {
    kind: 'scatter',
    lanes,
    ...shape,
    vectors,
    vectorsPerItem,
    items: Math.ceil(vectors / vectorsPerItem),
    cost: shape.count * vectors * 3,
  };
}
