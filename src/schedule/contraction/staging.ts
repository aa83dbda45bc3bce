// Chooses how the operands of a contraction are packed into panels, by their layout in memory.
import type { Axis } from '../../ir/stages/type.ts';
import { factorOf } from '../../ir/linear/position.ts';
import type { Formula } from '../../ir/linear/type.ts';
import { axesOf, nodesOf } from '../../ir/linear/walk.ts';
import { mostUnrolled } from '../reductions.ts';
import type { Access, DepthBlocks, RowSide, Staging, VectorSide } from '../type.ts';
import { elementsOf } from '../../ir/stages/walk.ts';

/** With many lanes, a transposed block need not fill them all: a partial vector beats scalar reads. */
const enoughLanes = (lanes: number) => Math.min(lanes, 8);

export function rowAccess(side: RowSide, depth: readonly Axis[], lanes: number): Access {
  const [axis, ...others] = side.axes;
  if (axis && others.length === 0 && axis.size >= lanes && isReadInOrder(side.formula, axis))
    return 'in order';
  return accessAlongDepth(side.formula, depth, lanes);
}

export function vectorAccess(side: VectorSide, depth: readonly Axis[], lanes: number): Access {
  if (isReadInOrder(side.formula, side.along)) return 'in order';
  return accessAlongDepth(side.formula, depth, lanes);
}

function accessAlongDepth(formula: Formula, depth: readonly Axis[], lanes: number): Access {
  const inner = depth.at(-1);
  return inner && inner.size >= enoughLanes(lanes) && isReadInOrder(formula, inner)
    ? 'transposed'
    : 'scattered';
}

/** Whether all reads of a formula are contiguous or constant along the axis, and some depend on it. */
function isReadInOrder(formula: Formula, axis: Axis): boolean {
  for (const node of nodesOf(formula)) {
    if (node.kind !== 'read') continue;
    const step = factorOf(node.position, axis.id);
    if (step < 0 || step > 1) return false;
    for (const { atom, factor } of node.position.terms) {
      if (atom.kind === 'lookup' && axesOf(atom.value).has(axis.id)) return false;
      if (atom.kind === 'quotient' && factorOf(atom.of, axis.id) !== 0 && factor !== 1) return false;
    }
  }
  return axesOf(formula).has(axis.id);
}

/** The staging of one operand: of the rows, or of the vectors. */
export function stagingOf(
  access: Access,
  axes: readonly Axis[],
  depth: readonly Axis[],
  { split }: DepthBlocks,
): Staging {
  return {
    access,
    panels: access === 'in order' && axes.length === 1 ? 'together' : 'one by one',
    unrolled: access === 'transposed' ? [] : unrolledAxes(depth, split?.axis),
  };
}

/** The innermost depth axes that are short enough together to be unrolled. A split axis stays a loop. */
function unrolledAxes(depth: readonly Axis[], split: Axis | undefined): readonly Axis[] {
  const from = depth.findIndex((_, i) => {
    const inner = depth.slice(i);
    return split !== undefined && inner.includes(split) ? false : elementsOf(inner) <= mostUnrolled;
  });
  return from < 0 ? [] : depth.slice(from);
}
