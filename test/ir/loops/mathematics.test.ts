// The functions of vectors in loop form: well formed, and near enough to what they stand for, without a compiler.
import { describe, expect, it, test } from 'vitest';
import { interpretFunction } from '../../../src/ir/loops/interpreter/function.ts';
import { mathematics, type MathematicsName } from '../../../src/ir/loops/mathematics/table.ts';
import { verifyFunction } from '../../../src/ir/loops/verify-routine.ts';
import { number, type LoopFunction, type Statement } from '../../../src/ir/loops/type.ts';
import { unaryFunctions } from '../../../src/runtime/unary-functions.ts';
import { wasmPlain } from '../../../src/schedule/machine/machine.ts';
import { numbersFrom } from '../../ops/tensors.ts';
import { at, x } from './by-hand.ts';

const names = Object.keys(mathematics) as MathematicsName[];

describe('the functions of vectors', () => {
  it.each(names)('%s is well formed', (name) => {
    verifyFunction(mathematics[name], wasmPlain, name);
  });

  it.each(names)('%s has an error of some units in the last place', (name) => {
    const random = numbersFrom(11);
    const values = Float32Array.from({ length: 20_000 }, (_, i) =>
      i % 2 === 0 ? 20 * random() - 10 : (random() - 0.5) * 2 ** (40 * random() - 30),
    );
    const found = interpretFunction(name, values);
    const wrong = Array.from(values).filter((value, i) => {
      const expected = Math.fround(unaryFunctions[name](value));
      const off = Math.abs((found[i] ?? NaN) - expected);
      return !Object.is(found[i], expected) && !(off <= 6 * 2 ** -23 * Math.abs(expected));
    });
    expect(wrong).toEqual([]);
  });

  it.each(names)('%s of zeros, infinities and NaN is what it should be, signs too', (name) => {
    const values = Float32Array.of(0, -0, Infinity, -Infinity, NaN);
    expect(interpretFunction(name, values)).toEqual(Float32Array.from(values, unaryFunctions[name]));
  });

  const good: LoopFunction = { comment: 'x', parameter: 'x', body: [], result: number(1) };
  const store: Statement = { kind: 'store', place: at(x), value: number(0) };
  test.each<[string, Partial<LoopFunction>, string]>([
    ['stores', { body: [store] }, 'function f: a function with a store'],
    [
      'of no vector',
      { result: { kind: 'integer', value: 1 } },
      'the result is of the type integer, not vector',
    ],
    [
      'by an unknown shift',
      {
        result: {
          kind: 'from_bits',
          integers: {
            kind: 'lanewise',
            operator: 'shift_left',
            left: { kind: 'bits', vector: number(1) },
            right: { kind: 'bits', vector: number(1) },
          },
        },
      },
      'a shift by no constant from 0 to 31',
    ],
  ])('one that is wrong is refused: %s', (_, wrong, message) => {
    expect(() => verifyFunction({ ...good, ...wrong }, wasmPlain, 'f')).toThrow(message);
  });
});
