// The functions on vectors that C has no operator for, as C text. Polynomials and ranges are Cephes' single-precision ones (Moshier
// 1992), erf's are Juffa's; the tests hold the errors in units of the last place. What is rare (sin, cos, powers) goes lane by lane
// through the C library.
import { roundConstants, rounds } from '../../runtime/random.ts';

export interface Helper {
  readonly text: string;
  readonly needs: readonly string[];
}

const helper = (text: string, ...needs: string[]): Helper => ({ text, needs });

const lanewise = (name: string, called: string) => `static vec ${name}(vec x) {
  vec y;
  for (int i = 0; i < lanes; i++) y[i] = (float)${called}((double)x[i]);
  return y;
}`;

/** Beside these there are, by the machine, `maximum`, `minimum`, `sqrt_of`, `store_part` and what moves lanes: instructions.ts. */
export const helpers: ReadonlyMap<string, Helper> = new Map([
  [
    'abs_of',
    helper(`static inline vec abs_of(vec x) {
  return (vec)((ints)x & every(0x7fffffff));
}`),
  ],
  [
    'multiply_add',
    helper(`static inline vec multiply_add(vec a, vec b, vec c) {
  return a * b + c;
}`),
  ],
  [
    'squared',
    helper(`static inline vec squared(vec x) {
  return x * x;
}`),
  ],
  [
    'whole',
    helper(`/** What a float holds of a whole number; 0 where it cannot be one. */
static inline long whole(float x) {
  return x >= -2147483648.0f && x < 2147483648.0f ? (long)x : 0;
}`),
  ],
  [
    'floor_of',
    helper(`/** From 2^23 on every float is whole. Zeros keep their sign. */
static vec floor_of(vec x) {
  const vec size = (vec)((ints)x & every(0x7fffffff));
  const ints small = size < all(8388608.0f);
  const vec cut = __builtin_convertvector(__builtin_convertvector(choose(small, x, all(0.0f)), ints), vec);
  const vec down = choose(cut > x, cut - all(1.0f), cut);
  return choose(small, (vec)((ints)down | ((ints)x & every(-0x7fffffff - 1))), x);
}`),
  ],
  [
    'exp_of',
    helper(`/** exp x = 2^n · exp r with x = n · ln 2 + r; two factors 2^(n/2), so that the ends of the range are reached. */
static inline vec exp_of(vec x) {
  vec bounded = choose(x < all(-104.0f), all(-104.0f), x);
  bounded = choose(bounded > all(89.0f), all(89.0f), bounded);
  // Adding 1.5 · 2^23 rounds to a whole number and leaves it in the low bits.
  const vec shifted = bounded * all(1.44269504088896341f) + all(12582912.0f);
  const vec n = shifted - all(12582912.0f);
  const vec near = n * all(-0.693359375f) + bounded;
  const vec r = n * all(2.12194440e-4f) + near;
  vec p = all(1.9875691500e-4f) * r + all(1.3981999507e-3f);
  p = p * r + all(8.3334519073e-3f);
  p = p * r + all(4.1665795894e-2f);
  p = p * r + all(1.6666665459e-1f);
  p = p * r + all(5.0000001201e-1f);
  p = p * (r * r) + r;
  p = p + all(1.0f);
  const ints count = (ints)shifted - every(0x4b400000);
  const ints half = count >> 1;
  const vec low = (vec)((half + every(127)) << 23);
  const vec high = (vec)((count - half + every(127)) << 23);
  return choose(x == x, p * low * high, x);
}`),
  ],
  [
    'log_of',
    helper(`/** log x = e · ln 2 + log m with x = m · 2^e, √½ ≤ m < √2. */
static inline vec log_of(vec x) {
  const ints small = x < all(1.17549435e-38f);
  const ints scaled = (ints)choose(small, x * all(8388608.0f), x);
  ints e = ((scaled >> 23) & every(511)) - every(126) - (small & every(23));
  vec m = (vec)((scaled & every(0x007fffff)) | every(0x3f000000));
  const ints low = m < all(0.707106781186547524f);
  e = e + low;
  m = m + (vec)((ints)m & low) - all(1.0f);
  const vec exponent = __builtin_convertvector(e, vec);
  const vec z = m * m;
  vec p = all(7.0376836292e-2f) * m + all(-1.1514610310e-1f);
  p = p * m + all(1.1676998740e-1f);
  p = p * m + all(-1.2420140846e-1f);
  p = p * m + all(1.4249322787e-1f);
  p = p * m + all(-1.6668057665e-1f);
  p = p * m + all(2.0000714765e-1f);
  p = p * m + all(-2.4999993993e-1f);
  p = p * m + all(3.3333331174e-1f);
  p = p * m * z;
  p = exponent * all(-2.12194440e-4f) + p;
  p = z * all(-0.5f) + p;
  vec y = exponent * all(0.693359375f) + (m + p);
  y = choose(x == all(INFINITY), x, y);
  y = choose(x == all(0.0f), all(-INFINITY), y);
  return choose(x >= all(0.0f), y, all(NAN));
}`),
  ],
  [
    'tanh_of',
    helper(
      `/** A polynomial near zero, elsewhere 1 − 2 / (exp 2|x| + 1) with the sign of x. */
static inline vec tanh_of(vec x) {
  const vec size = abs_of(x);
  const vec z = x * x;
  vec p = all(-5.70498872745e-3f) * z + all(2.06390887954e-2f);
  p = p * z + all(-5.37397155531e-2f);
  p = p * z + all(1.33314422036e-1f);
  p = p * z + all(-3.33332819422e-1f);
  const vec near = p * z * x + x;
  const vec far = all(1.0f) - all(2.0f) / (exp_of(size + size) + all(1.0f));
  return choose(size < all(0.625f), near, with_sign(far, x));
}`,
      'abs_of',
      'exp_of',
      'with_sign',
    ),
  ],
  [
    'with_sign',
    helper(`/** The first's size and the second's sign. */
static inline vec with_sign(vec size, vec sign) {
  return (vec)(((ints)size & every(0x7fffffff)) | ((ints)sign & every(-0x7fffffff - 1)));
}`),
  ],
  [
    'sigmoid',
    helper(
      `/** 1 / (1 + e) or e / (1 + e) with e = exp −|x|: neither end overflows. */
static inline vec sigmoid(vec x) {
  const vec e = exp_of(-abs_of(x));
  return choose(x < all(0.0f), e, all(1.0f)) / (all(1.0f) + e);
}`,
      'abs_of',
      'exp_of',
    ),
  ],
  [
    'softplus',
    helper(
      `/** max(x, 0) + log(1 + e) with e = exp −|x|; what 1 + e rounds away is put back by a factor. */
static inline vec softplus(vec x) {
  const vec e = exp_of(-abs_of(x));
  const vec u = all(1.0f) + e;
  const vec d = u - all(1.0f);
  const vec tail = choose(d == all(0.0f), e, log_of(u) * (e / d));
  return maximum(all(0.0f), x) + tail;
}`,
      'abs_of',
      'exp_of',
      'log_of',
      'maximum',
    ),
  ],
  [
    'erf_of',
    helper(
      `static inline vec erf_of(vec x) {
  vec size = abs_of(x);
  size = choose(size > all(4.0f), all(4.0f), size);
  const vec z = x * x;
  vec far = all(-1.72853470e-5f) * size + all(3.83197126e-4f);
  far = far * size + all(-3.88396438e-3f);
  far = far * size + all(2.42546219e-2f);
  far = far * size + all(-1.06777877e-1f);
  far = far * size + all(-6.34846687e-1f);
  far = far * size + all(-1.28717512e-1f);
  far = far * size - size;
  far = with_sign(all(1.0f) - exp_of(far), x);
  vec near = all(-5.96761703e-4f) * z + all(4.99119423e-3f);
  near = near * z + all(-2.67681349e-2f);
  near = near * z + all(1.12819925e-1f);
  near = near * z + all(-3.76125336e-1f);
  near = near * z + all(1.28379166e-1f);
  near = near * x + x;
  return choose(x == x, choose(size > all(0.927734375f), far, near), x);
}`,
      'abs_of',
      'exp_of',
      'with_sign',
    ),
  ],
  ['sin_of', helper(lanewise('sin_of', 'sin'))],
  ['cos_of', helper(lanewise('cos_of', 'cos'))],
  [
    'power',
    helper(`static vec power(vec x, vec y) {
  vec z;
  for (int i = 0; i < lanes; i++) z[i] = (float)pow((double)x[i], (double)y[i]);
  return z;
}`),
  ],
  [
    'sign',
    helper(
      `/** Zeros keep their sign and NaN stays. */
static inline vec sign(vec x) {
  return choose((x < all(0.0f)) | (x > all(0.0f)), with_sign(all(1.0f), x), x);
}`,
      'with_sign',
    ),
  ],
  [
    'uniform',
    helper(`/** Numbers in [0, 1): a Feistel network of two 12-bit halves of the index, keyed by one word a round. */
static inline vec uniform(ints index, ${Array.from({ length: rounds }, (_, i) => `long k${i}`).join(', ')}) {
  const ints mask = every(4095);
  ints l = index & mask;
  ints r = (index >> 12) & mask;
  ints t, u, next;
${roundConstants
  .map(
    (constant, i) => `  t = (r + every((int)k${i})) & mask;
  u = t * ((t + t + every(${constant})) & mask);
  next = (l + (u >> 6)) & mask;
  l = r;
  r = next;`,
  )
  .join('\n')}
  return __builtin_convertvector((l << 12) + r, vec) * all(${2 ** -24}f);
}`),
  ],
  // their texts depend on the machine: instructions.ts
  ...[
    'maximum',
    'minimum',
    'sqrt_of',
    'load_part',
    'store_part',
    'store_pairs',
    'store_transposed',
    'sum_across',
  ].map((name) => [name, helper('')] as const),
  ['maximum_across', helper('', 'maximum')],
]);
