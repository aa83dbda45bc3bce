// Functions of vectors in loop form, written once for all machines: each in terms of what machines have instructions for, and of others
// of these. A dialect prints those that its machine has no instruction for, and that its library has not. Tests hold the errors
// in units of the last place.
import { erf } from './error-function.ts';
import { exp, sigmoid, softplus, tanh } from './exponential.ts';
import { log } from './logarithm.ts';
import { floor, sign } from './rounding.ts';

export const mathematics = { exp, log, tanh, sigmoid, softplus, erf, sign, floor };

export type MathematicsName = keyof typeof mathematics;
