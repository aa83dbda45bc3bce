// Writes small constant powers as products, quotients and roots: what a person would write, and exact for negative bases, where a
// GPU's `pow` gives NaN or the wrong sign.
import type { Flat } from './flat.ts';

export function expandPowers(flat: Flat): Flat {
  switch (flat.kind) {
    case 'apply': {
      const operands = flat.operands.map(expandPowers);
      const [base, exponent] = operands;
      if (flat.function !== 'power' || !base || exponent?.kind !== 'number') return { ...flat, operands };
      return powerOf(base, exponent.value) ?? { ...flat, operands };
    }
    case 'guard':
    case 'reduce':
      return { ...flat, value: expandPowers(flat.value) };
    default:
      return flat;
  }
}

function powerOf(base: Flat, exponent: number): Flat | undefined {
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

function apply(name: (Flat & { kind: 'apply' })['function'], ...operands: readonly Flat[]): Flat {
  return { kind: 'apply', function: name, operands };
}
