// Vector functions in loop form, written once for all machines: each in terms of what machines have instructions for, and of others of
// these. A dialect prints those for which its machine has no instruction and its library no function. Tests bound the errors in units in
// the last place.
import type { LoopFunction, VectorFunction } from '../type.ts';
import { atan } from './arctangent.ts';
import { erf } from './error-function.ts';
import { cosh, exp, expm1, sigmoid, sinh, softplus, tanh } from './exponential.ts';
import { log, log1p } from './logarithm.ts';
import { floor, round, sign } from './rounding.ts';

/** What machines have an instruction for, and what is rare enough to be computed lane by lane by a library. */
type Given =
  | ('add' | 'subtract' | 'multiply' | 'divide' | 'multiply_add' | 'minimum' | 'maximum')
  | ('negate' | 'abs' | 'sqrt' | 'sin' | 'cos' | 'power');

export const mathematics = {
  exp,
  log,
  tanh,
  sigmoid,
  softplus,
  erf,
  sign,
  floor,
  atan,
  sinh,
  cosh,
  log1p,
  expm1,
  round,
} satisfies Readonly<Record<Exclude<VectorFunction, Given>, LoopFunction>>;

export type MathematicsName = keyof typeof mathematics;
