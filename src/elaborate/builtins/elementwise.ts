// Builtins of one element: the functions of a number, and a choice.
import { numberValue } from '../values/values.ts';
import type { Builtin } from './call.ts';

function unary(name: string, compute?: (x: number) => number): Builtin {
  return {
    usage: `${name}(x)`,
    needs: 1,
    run: (call) => {
      const [first] = call.positional;
      if (compute && first?.value.kind === 'number') return numberValue(compute(first.value.value));
      if (first?.value.kind === 'generator' && isInitializerUnary(name)) {
        return {
          kind: 'generator',
          generator: { kind: 'unary', function: name, operand: first.value.generator },
        };
      }
      return call.tensors.unary(name, call.tensor(0));
    },
  };
}

function isInitializerUnary(name: string): name is 'sqrt' | 'exp' | 'log' | 'sin' | 'cos' | 'abs' | 'floor' {
  return ['sqrt', 'exp', 'log', 'sin', 'cos', 'abs', 'floor'].includes(name);
}

export const elementwiseBuiltins: Readonly<Record<string, Builtin>> = {
  exp: unary('exp', Math.exp),
  log: unary('log', Math.log),
  sqrt: unary('sqrt', Math.sqrt),
  tanh: unary('tanh', Math.tanh),
  sigmoid: unary('sigmoid'),
  relu: unary('relu'),
  softplus: unary('softplus'),
  erf: unary('erf'),
  sin: unary('sin', Math.sin),
  cos: unary('cos', Math.cos),
  abs: unary('abs', Math.abs),
  sign: unary('sign', Math.sign),
  floor: unary('floor', Math.floor),
  stop_gradient: unary('stop_gradient'),
  where: {
    usage: 'where(condition, a, b)',
    needs: 3,
    run: (call) => {
      const operands = call.positional.map((given, i) =>
        given.value.kind === 'number' ? given.value.value : call.tensor(i),
      );
      return call.tensors.elementwise('select', operands, 'where');
    },
  },
};
