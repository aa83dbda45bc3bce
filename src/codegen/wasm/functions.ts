// How each vector function is written in AssemblyScript: as an instruction, or as a call of a function of the module.
import { mathematics } from '../../ir/loops/mathematics/table.ts';
import type { LoopFunction, VectorFunction } from '../../ir/loops/type.ts';

type Form =
  | { readonly kind: 'instruction'; readonly name: string }
  /** `inline`: whether its calls are inlined. */
  | { readonly kind: 'call'; readonly name: string; readonly inline: boolean }
  | { readonly kind: 'multiply_add' };

const instruction = (name: string): Form => ({ kind: 'instruction', name: `f32x4.${name}` });
const call = (name: string, inline = false): Form => ({ kind: 'call', name, inline });

export const forms: { readonly [F in VectorFunction]: Form } = {
  add: instruction('add'),
  subtract: instruction('sub'),
  multiply: instruction('mul'),
  divide: instruction('div'),
  multiply_add: { kind: 'multiply_add' },
  minimum: instruction('min'),
  maximum: instruction('max'),
  power: call('power4'),
  negate: instruction('neg'),
  exp: call('exp4', true),
  log: call('log4'),
  sqrt: instruction('sqrt'),
  tanh: call('tanh4'),
  sigmoid: call('sigmoid4'),
  softplus: call('softplus4'),
  erf: call('erf4'),
  sin: call('sin4'),
  cos: call('cos4'),
  abs: instruction('abs'),
  sign: call('sign4'),
  floor: instruction('floor'),
  atan: call('atan4'),
  sinh: call('sinh4'),
  cosh: call('cosh4'),
  log1p: call('log1p4'),
  expm1: call('expm14'),
  round: instruction('nearest'),
};

export interface CalledFunction {
  readonly name: string;
  readonly inline: boolean;
  readonly body: LoopFunction;
}

/** The functions of a module that have a body in loop form, by their name in the module. */
export const calledFunctions: ReadonlyMap<string, CalledFunction> = new Map(
  Object.entries(mathematics).flatMap(([name, body]) => {
    const form = forms[name as keyof typeof mathematics];
    return form.kind === 'call' ? [[form.name, { name: form.name, inline: form.inline, body }]] : [];
  }),
);
