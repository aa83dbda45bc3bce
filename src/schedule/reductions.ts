// Plans the reductions of a formula: unrolled where short, else a loop, vectorized along the outputs or along the reduction itself, with
// enough accumulators to hide the latency of an addition.
import type { Axis } from '../ir/stages/type.ts';
import { factorOf } from '../ir/linear/position.ts';
import type { Formula, ReductionLoops } from '../ir/linear/type.ts';
import { mapOperands, nodesOf, positionsOf } from '../ir/linear/walk.ts';
import { elementsOf } from '../ir/stages/walk.ts';

/** Reductions of at most so many elements are unrolled. */
export const mostUnrolled = 9;
/** Accumulators of a loop: an addition's latency is about four times its issue interval. */
const accumulators = 4;
/** Formulas of more nodes are not unrolled once per accumulator. */
const largestRepeated = 24;

/** The formula with `loops` of every reduction decided. `along`: the axis that the formula is vectorized along. */
export function planReductions(formula: Formula, along: string | undefined, lanes: number): Formula {
  if (formula.kind !== 'reduce') return mapOperands(formula, (part) => planReductions(part, along, lanes));
  const loops = loopsOf(formula, along, lanes);
  const filled = loops.kind === 'vector' ? loops.axis.id : along;
  return { ...formula, loops, value: planReductions(formula.value, filled, lanes) };
}

function loopsOf(
  { reducer, axes, value }: Formula & { readonly kind: 'reduce' },
  along: string | undefined,
  lanes: number,
): ReductionLoops {
  if (elementsOf(axes) <= mostUnrolled) return { kind: 'unrolled' };
  if (reducer === 'argmax') return { kind: 'serial', accumulators: 1 };
  const axis = along === undefined ? vectorAxis(axes, value, lanes) : undefined;
  if (axis) return { kind: 'vector', axis, accumulators: axis.size >= 8 * lanes ? accumulators : 1 };
  const innermost = axes.at(-1)?.size ?? 1;
  const repeated = innermost >= 4 * accumulators && nodesOf(value).length <= largestRepeated;
  return { kind: 'serial', accumulators: repeated ? accumulators : 1 };
}

/** The axis of a reduction along which most reads are contiguous. */
function vectorAxis(axes: readonly Axis[], value: Formula, lanes: number): Axis | undefined {
  const steps = (axis: Axis) =>
    positionsOf(value).filter((position) => Math.abs(factorOf(position, axis.id)) > 1).length;
  const candidates = axes.filter((axis) => axis.size >= lanes);
  return candidates.toSorted((a, b) => steps(a) - steps(b) || axes.indexOf(b) - axes.indexOf(a))[0];
}

/** Number of values in a formula's straight-line code; Infinity where it has a loop. */
export function straightLineSize(formula: Formula): number {
  switch (formula.kind) {
    case 'apply':
      return 1 + formula.operands.reduce((total, operand) => total + straightLineSize(operand), 0);
    case 'guard':
      return formula.conditions.length + straightLineSize(formula.value);
    case 'reduce': {
      const count = elementsOf(formula.axes);
      return count <= mostUnrolled ? count * (1 + straightLineSize(formula.value)) : Infinity;
    }
    case 'random':
      return Infinity;
    default:
      return 1;
  }
}

/** The longest stride, in elements, of any read along the axis. */
export function longestStep(formula: Formula, axis: Axis): number {
  let longest = 0;
  for (const node of nodesOf(formula)) {
    if (node.kind !== 'read') continue;
    const steps = node.position.terms.map(({ atom, factor }) =>
      atom.kind === 'quotient' ? (factorOf(atom.of, axis.id) * factor) / atom.divisor : 0,
    );
    longest = Math.max(longest, ...[factorOf(node.position, axis.id), ...steps].map(Math.abs));
  }
  return longest;
}
