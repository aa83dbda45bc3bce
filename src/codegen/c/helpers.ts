// Helper functions that have no loop form: rare functions, which call the C library lane by lane; short ones of one or two operators; and
// random numbers.
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

/** Depending on the machine there are also `maximum`, `minimum`, `sqrt_of`, `store_part` and lane shuffles: instructions.ts. */
export const helpers: ReadonlyMap<string, Helper> = new Map([
  [
    'abs_of',
    helper(`static inline vec abs_of(vec x) {
  return (vec)((ints)x & splat_int(0x7fffffff));
}`),
  ],
  [
    'squared',
    helper(`static inline vec squared(vec x) {
  return x * x;
}`),
  ],
  [
    'to_integer',
    helper(`/** x rounded toward zero; 0 where it is NaN or no 32-bit integer. */
static inline long to_integer(float x) {
  return x >= -2147483648.0f && x < 2147483648.0f ? (long)x : 0;
}`),
  ],
  [
    'with_sign',
    helper(`/** The first's size and the second's sign. */
static inline vec with_sign(vec size, vec sign) {
  return (vec)(((ints)size & splat_int(0x7fffffff)) | ((ints)sign & splat_int(-0x7fffffff - 1)));
}`),
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
    'uniform',
    helper(`/** Numbers in [0, 1): a Feistel network of two 12-bit halves of the index, keyed by one word a round. */
static inline vec uniform(ints index, ${Array.from({ length: rounds }, (_, i) => `long k${i}`).join(', ')}) {
  const ints mask = splat_int(4095);
  ints l = index & mask;
  ints r = (index >> 12) & mask;
  ints t, u, next;
${roundConstants
  .map(
    (constant, i) => `  t = (r + splat_int((int)k${i})) & mask;
  u = t * ((t + t + splat_int(${constant})) & mask);
  next = (l + (u >> 6)) & mask;
  l = r;
  r = next;`,
  )
  .join('\n')}
  return __builtin_convertvector((l << 12) + r, vec) * splat(${2 ** -24}f);
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
