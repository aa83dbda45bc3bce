// The logarithm. Polynomial and range are Cephes' single-precision ones (Moshier 1992).
import {
  add,
  apply,
  bits,
  convert,
  define,
  divide,
  equal,
  fromBits,
  lanewise,
  less,
  lessEqual,
  multiply,
  ones,
  select,
  subtract,
} from './build.ts';

/** The least float32 that is not subnormal. */
const leastNormal = 2 ** -126;

export const log = define('log x = e · ln 2 + log m with x = m · 2^e, √½ ≤ m < √2.', (x, body) => {
  const small = body.let('small', less(x, leastNormal));
  const scaled = body.let('scaled', bits(select(small, multiply(x, 2 ** 23), x)));
  const half = body.let('half', fromBits(lanewise('or', lanewise('and', scaled, 0x007fffff), 0x3f000000)));
  const low = body.let('low', less(half, Math.SQRT1_2));
  const exponents = lanewise('subtract', lanewise('shift_right', scaled, 23), 126);
  const exponent = body.let('exponent', convert(exponents));
  const e = body.let('e', subtract(subtract(exponent, select(small, 23, 0)), ones(low)));
  const m = body.let('m', subtract(add(half, select(low, half, 0)), 1));
  const z = body.let('z', multiply(m, m));
  const p = body.polynomial('p', m, [
    ...[7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1],
    ...[-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1],
  ]);
  body.set(p, multiply(multiply(p, m), z));
  body.comment('ln 2 in two parts, the first of which has few digits: its products are exact.');
  body.set(p, add(p, multiply(e, -2.1219444e-4)));
  body.set(p, subtract(p, multiply(z, 0.5)));
  const positive = body.let('positive', add(add(m, p), multiply(e, 0.693359375)));
  const finite = body.let('finite', select(equal(x, Infinity), x, positive));
  return select(lessEqual(0, x), select(equal(x, 0), -Infinity, finite), NaN);
});

export const log1p = define(
  'log u with u = 1 + x; what 1 + x rounds away is put back by a factor.',
  (x, body) => {
    const u = body.let('u', add(1, x));
    const d = body.let('d', subtract(u, 1));
    const ratio = body.let('ratio', select(equal(d, x), 1, divide(x, d)));
    return select(equal(d, 0), x, multiply(apply('log', u), ratio));
  },
);
