// Where and how often a kernel reads a buffer: the input of the fusion rules.
import type { Axis, BufferId, Condition, Expression, Index, MapKernel } from '../../ir/stages/type.ts';
import {
  conditionKey,
  expressionKey,
  innerScope,
  operandsOf,
  outerScope,
  elementsOf,
  type Scope,
} from '../../ir/stages/walk.ts';
import { heavyContraction } from '../recognize/contraction.ts';
import type { FusionState } from './state.ts';
import { readsEachOnce } from '../index-algebra.ts';
import { elementCount } from '../../runtime/tensor.ts';

/** A read of the buffer; equal reads in one scope count as one. */
export interface ReadSite {
  readonly scope: Scope;
  /** No element is read at two points of the enclosing loops (the index is injective). */
  readonly once: boolean;
  /** Points of the enclosing loops, and the most of them at which the read is evaluated. */
  readonly loops: number;
  readonly points: number;
  /** It is inside a reduction. */
  readonly reduced: boolean;
  /** It is an operand of a heavy contraction, which must stay a plain read. */
  readonly operand: boolean;
  /** It is inside a data-dependent index. */
  readonly lookup: boolean;
}

export function readSites(state: FusionState, kernel: MapKernel, root: BufferId): readonly ReadSite[] {
  const sites = new Map<string, ReadSite>();
  const heavy = heavyContraction(kernel) !== undefined;
  const visit = (expression: Expression, scope: Scope, lookup: boolean) => {
    if (expression.kind === 'read' && state.rootOf(expression.buffer) === root) {
      const key = [
        expressionKey(expression),
        ...scope.conditions.map(conditionKey),
        ...scope.axes.map(({ id }) => id),
      ];
      const index = expression.index.filter((each): each is Index => !('kind' in each));
      sites.set(key.join(), {
        scope,
        once: index.length === expression.index.length && readsEachOnce(index, scope.axes, scope.conditions),
        loops: elementsOf(scope.axes),
        points: elementCount(scope.axes.map((axis) => pointsAlong(axis, scope.conditions))),
        reduced: scope.reductions > 0,
        operand: scope.reductions > 0 && heavy,
        lookup,
      });
    }
    const inner = innerScope(expression, scope);
    for (const operand of operandsOf(expression)) visit(operand, inner, lookup || expression.kind === 'read');
  };
  visit(kernel.body, outerScope(kernel.axes), false);
  return [...sites.values()];
}

/** Number of an axis' values that satisfy the conditions on it alone. */
function pointsAlong({ id, size }: Axis, conditions: readonly Condition[]): number {
  let [low, high] = [0, size - 1];
  for (const condition of conditions) {
    const { constant, terms, divisor } = condition.index;
    const [term, ...others] = terms;
    if (condition.kind !== 'inside' || term?.axis !== id || others.length > 0 || divisor !== 1) continue;
    if (term.factor === 1)
      [low, high] = [Math.max(low, -constant), Math.min(high, condition.limit - 1 - constant)];
    if (term.factor === -1)
      [low, high] = [Math.max(low, constant - condition.limit + 1), Math.min(high, constant)];
  }
  return Math.max(0, high - low + 1);
}
