// The exponential and functions of it. Polynomials and ranges are Cephes' single-precision ones (Moshier 1992).
import type { Value } from '../type.ts';
import {
  abs,
  add,
  apply,
  atLeast,
  atMost,
  bits,
  define,
  divide,
  equal,
  exp as exponential,
  fromBits,
  lanewise,
  less,
  multiply,
  multiplyAdd,
  select,
  subtract,
  withSign,
  type FunctionBody,
} from './build.ts';

/** Range reduction: x as n · ln 2 + r with an integer n and |r| ≤ ½ ln 2; `count` is n as integers. */
interface Reduced {
  readonly count: Value;
  readonly r: Value;
}

function reduce(body: FunctionBody, bounded: Value): Reduced {
  const magic = 1.5 * 2 ** 23;
  body.comment('Adding 1.5 · 2^23 rounds to an integer and leaves it in the low bits.');
  const shifted = body.let('shifted', multiplyAdd(bounded, Math.LOG2E, magic));
  const n = body.let('n', subtract(shifted, magic));
  const near = body.let('near', multiplyAdd(n, -0.693359375, bounded));
  const r = body.let('r', multiplyAdd(n, 2.1219444e-4, near));
  const count = body.let('count', lanewise('subtract', bits(shifted), 0x4b400000));
  return { count, r };
}

/** exp r − 1 */
function remainder(body: FunctionBody, r: Value): Value {
  const p = body.polynomial(
    'p',
    r,
    [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1],
  );
  const square = body.let('square', multiply(r, r));
  body.set(p, multiplyAdd(p, square, r));
  return p;
}

/** 2ⁿ as two factors, so that neither overflows at the ends of the range. */
function powerOfTwo(body: FunctionBody, count: Value): readonly [Value, Value] {
  const half = body.let('half', lanewise('shift_right', count, 1));
  const power = (n: Value) => fromBits(lanewise('shift_left', lanewise('add', n, 127), 23));
  return [body.let('low', power(half)), body.let('high', power(lanewise('subtract', count, half)))];
}

export const exp = define(
  'exp x = 2^n · exp r with x = n · ln 2 + r; two factors 2^(n/2), so that the ends of the range are reached.',
  (x, body) => {
    const bounded = body.let('bounded', atMost(89, body.let('raised', atLeast(-104, x))));
    const { count, r } = reduce(body, bounded);
    const p = remainder(body, r);
    body.set(p, add(p, 1));
    const [low, high] = powerOfTwo(body, count);
    return multiply(multiply(p, low), high);
  },
);

export const tanh = define(
  'A polynomial near zero, elsewhere 1 − 2 / (exp 2|x| + 1) with the sign of x.',
  (x, body) => {
    const size = body.let('size', abs(x));
    const z = body.let('z', multiply(x, x));
    const p = body.polynomial(
      'p',
      z,
      [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1],
    );
    const near = body.let('near', add(multiply(multiply(p, z), x), x));
    const far = body.let('far', subtract(1, divide(2, add(exponential(add(size, size)), 1))));
    return withSign(select(less(size, 0.625), near, far), x);
  },
);

export const sigmoid = define(
  '1 / (1 + e) or e / (1 + e) with e = exp −|x|: neither end overflows.',
  (x, body) => {
    const e = body.let('e', exponential(apply('negate', abs(x))));
    return divide(select(less(x, 0), e, 1), add(1, e));
  },
);

export const softplus = define(
  'max(x, 0) + log(1 + e) with e = exp −|x|; what 1 + e rounds away is put back by a factor.',
  (x, body) => {
    const e = body.let('e', exponential(apply('negate', abs(x))));
    const u = body.let('u', add(1, e));
    const d = body.let('d', subtract(u, 1));
    const tail = body.let('tail', select(equal(d, 0), e, multiply(apply('log', u), divide(e, d))));
    return add(apply('maximum', x, 0), tail);
  },
);

/** exp |x| = e · e, which overflows where the result does, not before. */
export const sinh = define(
  'A polynomial near zero, elsewhere e · e / 2 − 1 / (2 e · e) with e = exp ½|x| and the sign of x.',
  (x, body) => {
    const size = body.let('size', abs(x));
    const z = body.let('z', multiply(x, x));
    const p = body.polynomial('p', z, [2.03721912945e-4, 8.33028376239e-3, 1.66667160211e-1]);
    const near = body.let('near', add(multiply(multiply(p, z), x), x));
    const e = body.let('e', exponential(multiply(size, 0.5)));
    const far = body.let('far', subtract(multiply(multiply(e, 0.5), e), divide(0.5, multiply(e, e))));
    return withSign(select(less(size, 1), near, far), x);
  },
);

export const cosh = define('e · e / 2 + 1 / (2 e · e) with e = exp ½|x|, as sinh.', (x, body) => {
  const e = body.let('e', exponential(multiply(abs(x), 0.5)));
  return add(multiply(multiply(e, 0.5), e), divide(0.5, multiply(e, e)));
});

export const expm1 = define(
  'exp x − 1 = 2^n · ((exp r − 1) + (1 − 2^−n)) with x = n · ln 2 + r: near zero n is 0, and nothing cancels.',
  (x, body) => {
    body.comment('Below −25 the result rounds to −1.');
    const bounded = body.let('bounded', atMost(89, body.let('raised', atLeast(-25, x))));
    const { count, r } = reduce(body, bounded);
    const p = remainder(body, r);
    const [low, high] = powerOfTwo(body, count);
    const inverse = body.let('inverse', divide(1, multiply(low, high)));
    body.set(p, add(p, subtract(1, inverse)));
    return withSign(multiply(multiply(p, low), high), x);
  },
);
