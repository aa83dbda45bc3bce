// What each scalar function of the kernel IR means, in float64: the definition that the interpreter runs and that constants are
// folded by. Comparisons with NaN give 0; minimum and maximum pass NaN on.
import type { ScalarFunction } from './stages/type.ts';

export const scalar: { readonly [F in ScalarFunction]: (a: number, b: number, c: number) => number } = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  minimum: (a, b) => Math.min(a, b),
  maximum: (a, b) => Math.max(a, b),
  power: (a, b) => a ** b,
  less: (a, b) => (a < b ? 1 : 0),
  less_equal: (a, b) => (a <= b ? 1 : 0),
  equal: (a, b) => (a === b ? 1 : 0),
  select: (condition, a, b) => (condition !== 0 ? a : b),
  negate: (a) => -a,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  tanh: Math.tanh,
  sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  softplus: (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))),
  erf,
  sin: Math.sin,
  cos: Math.cos,
  abs: Math.abs,
  sign: Math.sign,
  floor: Math.floor,
};

/** Instructions of the arithmetic units; division and square root take several cycles; the others are polynomials. */
const [instruction, slowInstruction, polynomial] = [1, 2, 12];

const costs: { readonly [F in ScalarFunction]: number } = {
  add: instruction,
  subtract: instruction,
  multiply: instruction,
  divide: slowInstruction,
  minimum: instruction,
  maximum: instruction,
  power: polynomial,
  less: instruction,
  less_equal: instruction,
  equal: instruction,
  select: instruction,
  negate: instruction,
  exp: polynomial,
  log: polynomial,
  sqrt: slowInstruction,
  tanh: polynomial,
  sigmoid: polynomial,
  softplus: polynomial,
  erf: polynomial,
  sin: polynomial,
  cos: polynomial,
  abs: instruction,
  sign: instruction,
  floor: instruction,
};

/** What one application costs, roughly in instructions of a vector unit: what fusion and the schedule weigh. */
export const costOf = (called: ScalarFunction): number => costs[called];

/** The error function, to a few units in the last place of float64. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size < 3) return erfSeries(x);
  if (size >= 6) return Math.sign(x);
  return Number.isNaN(x) ? x : Math.sign(x) * (1 - erfcFraction(size));
}

/** erf(x) = 2/√π · exp(-x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n+1)): all terms have one sign, so nothing cancels. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** erfc(x) = exp(-x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …)))), which converges fast for x ≥ 3. */
function erfcFraction(x: number): number {
  let tail = x;
  for (let n = 60; n >= 1; n--) tail = x + n / 2 / tail;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / tail;
}
