// Splits the operand of a reduction into the conditions under which it counts and the factors of its value: Σ (where inside: x, else 0) ·
// w loops over the inside only, Σ (label = k) · x over the positions with that label. Terms outside the conditions contribute nothing,
// even if another factor is not finite.
import type { Condition } from '../../ir/linear/type.ts';
import type { Reducer, ScalarFunction } from '../../ir/stages/type.ts';
import type { Node } from './shared-expressions.ts';

export interface Lifted {
  readonly conditions: readonly Condition[];
  /** Nodes that must not be zero. */
  readonly holds: readonly Node[];
  readonly factors: readonly Node[];
}

export function unlifted(node: Node): Lifted {
  return { conditions: [], holds: [], factors: [node] };
}

export function liftConditions(node: Node, reducer: Reducer): Lifted {
  const { formula, operands } = node;
  const neutral = reducer === 'sum' ? 0 : -Infinity;
  const [first, second, third] = operands;
  const plain = unlifted(node);
  if (formula.kind === 'guard' && first && formula.otherwise === neutral) {
    const inner = liftConditions(first, reducer);
    return { ...inner, conditions: [...formula.conditions, ...inner.conditions] };
  }
  if (formula.kind !== 'apply' || !first || !second) return plain;
  if (formula.function === 'select' && third && isNumber(third, neutral)) {
    const inner = liftConditions(second, reducer);
    return { ...inner, holds: [first, ...inner.holds] };
  }
  // A product with other uses is computed once, conditions included.
  if (formula.function === 'multiply' && reducer === 'sum' && node.uses < 2) {
    const [left, right] = [liftFactor(first), liftFactor(second)];
    if ([left, right].every(({ conditions, holds }) => conditions.length + holds.length === 0)) return plain;
    return {
      conditions: [...left.conditions, ...right.conditions],
      holds: [...left.holds, ...right.holds],
      factors: [...left.factors, ...right.factors],
    };
  }
  return plain;
}

/** A factor of a sum's terms: a comparison, being 1 or 0, becomes a condition. */
function liftFactor(node: Node): Lifted {
  const { formula } = node;
  const compares = formula.kind === 'apply' && comparisons.has(formula.function);
  return compares ? { conditions: [], holds: [node], factors: [] } : liftConditions(node, 'sum');
}

const comparisons: ReadonlySet<ScalarFunction> = new Set(['less', 'less_equal', 'equal']);

function isNumber({ formula }: Node, value: number): boolean {
  return formula.kind === 'number' && formula.value === value;
}
