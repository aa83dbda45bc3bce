// Writes small constant powers as products, quotients and roots: what a person would write, and exact for negative bases, where a
// GPU's `pow` gives NaN or the wrong sign.
import type { Formula } from '../../ir/linear/type.ts';
import { mapOperands } from '../../ir/linear/walk.ts';
import type { ScalarFunction } from '../../ir/stages/type.ts';

export function expandPowers(formula: Formula): Formula {
  const expanded = mapOperands(formula, expandPowers);
  if (expanded.kind !== 'apply' || expanded.function !== 'power') return expanded;
  const [base, exponent] = expanded.operands;
  return (base && exponent?.kind === 'number' && powerOf(base, exponent.value)) || expanded;
}

function powerOf(base: Formula, exponent: number): Formula | undefined {
  if (exponent < 0) {
    const positive = powerOf(base, -exponent);
    return positive && apply('divide', { kind: 'number', value: 1 }, positive);
  }
  switch (exponent) {
    case 0.5:
      return apply('sqrt', base);
    case 1:
      return base;
    case 2:
      return apply('multiply', base, base);
    case 3:
      return apply('multiply', apply('multiply', base, base), base);
    case 4: {
      const square = apply('multiply', base, base);
      return apply('multiply', square, square);
    }
    default:
      return undefined;
  }
}

function apply(name: ScalarFunction, ...operands: readonly Formula[]): Formula {
  return { kind: 'apply', function: name, operands };
}
