// What is added up (or compared) in a reduction, split into the conditions under which it counts at all and the factors of its
// value: Σ (where inside: x, else 0) · w runs over the places inside only, Σ (label = k) · x over the places with that label. What
// stands outside a condition contributes nothing, even where the other factor is not finite.
import type { Reducer, ScalarFunction } from '../../ir/stages/type.ts';
import type { Test } from './flat.ts';
import type { Node } from './shared-expressions.ts';

export interface Lifted {
  readonly tests: readonly Test[];
  /** Nodes that must not be zero. */
  readonly holds: readonly Node[];
  readonly factors: readonly Node[];
}

export function liftConditions(node: Node, reducer: Reducer): Lifted {
  const { flat, operands } = node;
  const neutral = reducer === 'sum' ? 0 : -Infinity;
  const [first, second, third] = operands;
  const plain: Lifted = { tests: [], holds: [], factors: [node] };
  if (flat.kind === 'guard' && first && flat.otherwise === neutral) {
    const inner = liftConditions(first, reducer);
    return { ...inner, tests: [...flat.tests, ...inner.tests] };
  }
  if (flat.kind !== 'apply' || !first || !second) return plain;
  if (flat.function === 'select' && third && isNumber(third, neutral)) {
    const inner = liftConditions(second, reducer);
    return { ...inner, holds: [first, ...inner.holds] };
  }
  // A product that is needed elsewhere too is computed once, conditions and all.
  if (flat.function === 'multiply' && reducer === 'sum' && node.uses < 2) {
    const [left, right] = [liftFactor(first), liftFactor(second)];
    if (left.tests.length + left.holds.length + right.tests.length + right.holds.length === 0) return plain;
    return {
      tests: [...left.tests, ...right.tests],
      holds: [...left.holds, ...right.holds],
      factors: [...left.factors, ...right.factors],
    };
  }
  return plain;
}

/** A factor of a sum's terms: a comparison, being 1 or 0, is a condition altogether. */
function liftFactor(node: Node): Lifted {
  const { flat } = node;
  const compares = flat.kind === 'apply' && comparisons.has(flat.function);
  return compares ? { tests: [], holds: [node], factors: [] } : liftConditions(node, 'sum');
}

const comparisons: ReadonlySet<ScalarFunction> = new Set(['less', 'less_equal', 'equal']);

function isNumber({ flat }: Node, value: number): boolean {
  return flat.kind === 'number' && flat.value === value;
}
