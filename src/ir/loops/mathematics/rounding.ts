// Whole numbers near a number, and its sign.
import { abs, add, define, less, select, subtract, withSign } from './build.ts';
import { number } from '../type.ts';

/** From here on every float32 is whole. */
const allWhole = 2 ** 23;

export const floor = define('From 2^23 on every float is whole. Zeros keep their sign.', (x, body) => {
  const size = body.let('size', abs(x));
  body.comment('Adding 2^23 rounds to a whole number.');
  const near = body.let('near', withSign(subtract(add(size, allWhole), allWhole), x));
  const down = body.let('down', select(less(x, near), subtract(near, 1), near));
  return select(less(size, allWhole), withSign(down, x), x);
});

export const sign = define('1 with the sign of x. Zeros keep their sign and NaN stays.', (x, body) => {
  const one = body.let('one', withSign(number(1), x));
  return select(less(0, abs(x)), one, x);
});
