// Element-wise builtins: unary functions, and `where`.
import { overNames, unaryNames } from '../../ir/scalar.ts';
import { unaryFunctions, type UnaryFunction } from '../../runtime/unary-functions.ts';
import { numberValue } from '../values/values.ts';
import type { Builtin } from './call.ts';

/** A unary primitive; if it is a scalar function, also of numbers and of an initializer's elements. */
function unary(name: string, called?: UnaryFunction): Builtin {
  return {
    usage: `${name}(x)`,
    needs: 1,
    run: (call) => {
      const given = call.positional[0]?.value;
      if (called && given?.kind === 'number') return numberValue(unaryFunctions[called](given.value));
      if (called && given?.kind === 'generator')
        return {
          kind: 'generator',
          generator: { kind: 'unary', function: called, operand: given.generator },
        };
      return call.tensors.unary(name, call.tensor(0));
    },
  };
}

/** The language writes a minus for `negate`. */
const called = unaryNames.filter((name) => name !== 'negate');

export const elementwiseBuiltins: Readonly<Record<string, Builtin>> = {
  ...overNames(called, (name) => unary(name, name)),
  relu: unary('relu'),
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
