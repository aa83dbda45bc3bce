// Rounding to integers, and the sign.
import { abs, add, apply, define, less, select, subtract, withSign } from './build.ts';
import { number } from '../type.ts';

/** Every float32 of at least this size is an integer. */
const allIntegers = 2 ** 23;

export const round = define(
  'The nearest integer, of two the even one: adding 2^23 rounds so. From there on all are integers. Zeros keep their sign.',
  (x, body) => {
    const size = body.let('size', abs(x));
    const near = body.let('near', subtract(add(size, allIntegers), allIntegers));
    return select(less(size, allIntegers), withSign(near, x), x);
  },
);

export const floor = define('What x rounds to, or one less. Zeros keep their sign.', (x, body) => {
  const near = body.let('near', apply('round', x));
  return withSign(select(less(x, near), subtract(near, 1), near), x);
});

export const sign = define('1 with the sign of x. Zeros keep their sign and NaN stays.', (x, body) => {
  const one = body.let('one', withSign(number(1), x));
  return select(less(0, abs(x)), one, x);
});
