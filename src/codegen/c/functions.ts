// How each vector function is written in C: as an operator, or as a call of a function in the file, named differently from the C
// library's.
import { mathematics } from '../../ir/loops/mathematics/table.ts';
import type { LoopFunction, VectorFunction } from '../../ir/loops/type.ts';

type Form =
  | { readonly kind: 'infix'; readonly sign: '+' | '-' | '*' | '/' }
  | { readonly kind: 'call' | 'extreme'; readonly name: string }
  | { readonly kind: 'minus' | 'multiply_add' };

const infix = (sign: '+' | '-' | '*' | '/'): Form => ({ kind: 'infix', sign });
const call = (name: string): Form => ({ kind: 'call', name });

export const forms: { readonly [F in VectorFunction]: Form } = {
  add: infix('+'),
  subtract: infix('-'),
  multiply: infix('*'),
  divide: infix('/'),
  multiply_add: { kind: 'multiply_add' },
  minimum: { kind: 'extreme', name: 'minimum' },
  maximum: { kind: 'extreme', name: 'maximum' },
  power: call('power'),
  negate: { kind: 'minus' },
  exp: call('exp_of'),
  log: call('log_of'),
  sqrt: call('sqrt_of'),
  tanh: call('tanh_of'),
  sigmoid: call('sigmoid'),
  softplus: call('softplus'),
  erf: call('erf_of'),
  sin: call('sin_of'),
  cos: call('cos_of'),
  abs: call('abs_of'),
  sign: call('sign'),
  floor: call('floor_of'),
  atan: call('atan_of'),
  sinh: call('sinh_of'),
  cosh: call('cosh_of'),
  log1p: call('log1p_of'),
  expm1: call('expm1_of'),
  round: call('round_of'),
};

/** The functions of a file that have a body in loop form, by their name in the file. */
export const calledFunctions: ReadonlyMap<string, LoopFunction> = new Map(
  Object.entries(mathematics).flatMap(([name, body]) => {
    const form = forms[name as keyof typeof mathematics];
    return form.kind === 'call' ? [[form.name, body]] : [];
  }),
);
