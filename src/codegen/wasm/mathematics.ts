// The functions that WebAssembly has no instruction for, on four lanes at once, as AssemblyScript text. Polynomials and ranges
// are Cephes' single-precision ones (Moshier 1992), erf's are Juffa's; the tests hold the errors in units of the last place.
// What is rare (sin, cos, powers) goes lane by lane through AssemblyScript's own library.

export interface Helper {
  readonly text: string;
  readonly needs: readonly string[];
}

const lanewise = (name: string, call: string) => `function ${name}(x: v128): v128 {
  return f32x4(
${[0, 1, 2, 3].map((lane) => `    <f32>${call}(<f64>f32x4.extract_lane(x, ${lane}))`).join(',\n')}
  );
}`;

const helper = (text: string, ...needs: string[]): Helper => ({ text, needs });

export const helpers: ReadonlyMap<string, Helper> = new Map([
  [
    'exp4',
    helper(`/** exp x = 2ⁿ · exp r with x = n · ln 2 + r; two factors 2ⁿ, so that the ends of the range are reached. */
// @ts-ignore: decorator
@inline
function exp4(x: v128): v128 {
  const bounded = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-104.0)), f32x4.splat(89.0));
  // Adding 1.5 · 2²³ rounds to a whole number and leaves it in the low bits.
  const shifted = f32x4.add(f32x4.mul(bounded, f32x4.splat(1.44269504088896341)), f32x4.splat(12582912.0));
  const n = f32x4.sub(shifted, f32x4.splat(12582912.0));
  const near = f32x4.add(f32x4.mul(n, f32x4.splat(-0.693359375)), bounded);
  const r = f32x4.add(f32x4.mul(n, f32x4.splat(2.12194440e-4)), near);
  let p = f32x4.add(f32x4.mul(f32x4.splat(1.9875691500e-4), r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  const square = f32x4.mul(r, r);
  p = f32x4.add(f32x4.mul(p, square), r);
  p = f32x4.add(p, f32x4.splat(1.0));
  const whole = i32x4.sub(shifted, i32x4.splat(0x4b400000));
  const half = i32x4.shr_s(whole, 1);
  const low = i32x4.shl(i32x4.add(half, i32x4.splat(127)), 23);
  const high = i32x4.shl(i32x4.add(i32x4.sub(whole, half), i32x4.splat(127)), 23);
  return f32x4.mul(f32x4.mul(p, low), high);
}`),
  ],
  [
    'log4',
    helper(`/** log x = e · ln 2 + log m with x = m · 2ᵉ, √½ ≤ m < √2. */
function log4(x: v128): v128 {
  const small = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608.0)), x, small);
  let e = i32x4.sub(i32x4.shr_u(scaled, 23), i32x4.splat(126));
  e = i32x4.sub(e, v128.and(small, i32x4.splat(23)));
  let m = v128.or(v128.and(scaled, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000));
  const low = f32x4.lt(m, f32x4.splat(0.707106781186547524));
  e = i32x4.add(e, low);
  m = f32x4.sub(f32x4.add(m, v128.and(m, low)), f32x4.splat(1.0));
  const exponent = f32x4.convert_i32x4_s(e);
  const z = f32x4.mul(m, m);
  let p = f32x4.add(f32x4.mul(f32x4.splat(7.0376836292e-2), m), f32x4.splat(-1.1514610310e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.1676998740e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(3.3333331174e-1));
  p = f32x4.mul(f32x4.mul(p, m), z);
  p = f32x4.add(p, f32x4.mul(exponent, f32x4.splat(-2.12194440e-4)));
  p = f32x4.sub(p, f32x4.mul(z, f32x4.splat(0.5)));
  let y = f32x4.add(f32x4.add(m, p), f32x4.mul(exponent, f32x4.splat(0.693359375)));
  y = v128.bitselect(x, y, f32x4.eq(x, f32x4.splat(Infinity)));
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, f32x4.splat(0.0)));
  return v128.bitselect(y, f32x4.splat(f32.NaN), f32x4.ge(x, f32x4.splat(0.0)));
}`),
  ],
  [
    'tanh4',
    helper(
      `/** A polynomial near zero, elsewhere 1 − 2 / (exp 2|x| + 1) with the sign of x. */
function tanh4(x: v128): v128 {
  const size = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let p = f32x4.add(f32x4.mul(f32x4.splat(-5.70498872745e-3), z), f32x4.splat(2.06390887954e-2));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-5.37397155531e-2));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(1.33314422036e-1));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-3.33332819422e-1));
  const near = f32x4.add(f32x4.mul(f32x4.mul(p, z), x), x);
  const power = exp4(f32x4.add(size, size));
  const far = f32x4.sub(f32x4.splat(1.0), f32x4.div(f32x4.splat(2.0), f32x4.add(power, f32x4.splat(1.0))));
  const signed = v128.bitselect(x, far, f32x4.splat(-0.0));
  return v128.bitselect(near, signed, f32x4.lt(size, f32x4.splat(0.625)));
}`,
      'exp4',
    ),
  ],
  [
    'sigmoid4',
    helper(
      `/** 1 / (1 + e) or e / (1 + e) with e = exp −|x|: neither end overflows. */
function sigmoid4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x)));
  const above = v128.bitselect(e, f32x4.splat(1.0), f32x4.lt(x, f32x4.splat(0.0)));
  return f32x4.div(above, f32x4.add(f32x4.splat(1.0), e));
}`,
      'exp4',
    ),
  ],
  [
    'softplus4',
    helper(
      `/** max(x, 0) + log(1 + e) with e = exp −|x|; what 1 + e rounds away is put back by a factor. */
function softplus4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x)));
  const u = f32x4.add(f32x4.splat(1.0), e);
  const d = f32x4.sub(u, f32x4.splat(1.0));
  const exact = f32x4.mul(log4(u), f32x4.div(e, d));
  const tail = v128.bitselect(e, exact, f32x4.eq(d, f32x4.splat(0.0)));
  return f32x4.add(f32x4.max(x, f32x4.splat(0.0)), tail);
}`,
      'exp4',
      'log4',
    ),
  ],
  [
    'erf4',
    helper(
      `function erf4(x: v128): v128 {
  const size = f32x4.pmin(f32x4.abs(x), f32x4.splat(4.0));
  const z = f32x4.mul(x, x);
  let far = f32x4.add(f32x4.mul(f32x4.splat(-1.72853470e-5), size), f32x4.splat(3.83197126e-4));
  far = f32x4.add(f32x4.mul(far, size), f32x4.splat(-3.88396438e-3));
  far = f32x4.add(f32x4.mul(far, size), f32x4.splat(2.42546219e-2));
  far = f32x4.add(f32x4.mul(far, size), f32x4.splat(-1.06777877e-1));
  far = f32x4.add(f32x4.mul(far, size), f32x4.splat(-6.34846687e-1));
  far = f32x4.add(f32x4.mul(far, size), f32x4.splat(-1.28717512e-1));
  far = f32x4.sub(f32x4.mul(far, size), size);
  far = f32x4.sub(f32x4.splat(1.0), exp4(far));
  far = v128.bitselect(x, far, f32x4.splat(-0.0));
  let near = f32x4.add(f32x4.mul(f32x4.splat(-5.96761703e-4), z), f32x4.splat(4.99119423e-3));
  near = f32x4.add(f32x4.mul(near, z), f32x4.splat(-2.67681349e-2));
  near = f32x4.add(f32x4.mul(near, z), f32x4.splat(1.12819925e-1));
  near = f32x4.add(f32x4.mul(near, z), f32x4.splat(-3.76125336e-1));
  near = f32x4.add(f32x4.mul(near, z), f32x4.splat(1.28379166e-1));
  near = f32x4.add(f32x4.mul(near, x), x);
  return v128.bitselect(far, near, f32x4.gt(size, f32x4.splat(0.927734375)));
}`,
      'exp4',
    ),
  ],
  ['sin4', helper(lanewise('sin4', 'Math.sin'))],
  ['cos4', helper(lanewise('cos4', 'Math.cos'))],
  [
    'power4',
    helper(`function power4(x: v128, y: v128): v128 {
  return f32x4(
${[0, 1, 2, 3].map((lane) => `    <f32>Math.pow(<f64>f32x4.extract_lane(x, ${lane}), <f64>f32x4.extract_lane(y, ${lane}))`).join(',\n')}
  );
}`),
  ],
  [
    'sign4',
    helper(`/** Zeros keep their sign and NaN stays. */
function sign4(x: v128): v128 {
  const one = v128.bitselect(x, f32x4.splat(1.0), f32x4.splat(-0.0));
  return v128.bitselect(one, x, v128.or(f32x4.lt(x, f32x4.splat(0.0)), f32x4.gt(x, f32x4.splat(0.0))));
}`),
  ],
  [
    'sumAcross',
    helper(`function sumAcross(x: v128): v128 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.add(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2));
}`),
  ],
  [
    'maximumAcross',
    helper(`function maximumAcross(x: v128): v128 {
  const pairs = f32x4.max(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.max(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2));
}`),
  ],
  [
    'storePart',
    helper(`/** Stores the first lanes, all of them from four on. */
// @ts-ignore: decorator
@inline
function storePart(pointer: usize, x: v128, count: i32): void {
  if (count >= 4) v128.store(pointer, x);
  else {
    if (count >= 2) v128.store_lane<i64>(pointer, x, 0);
    if (count == 1) v128.store_lane<f32>(pointer, x, 0);
    if (count == 3) v128.store_lane<f32>(pointer, x, 2, 8);
  }
}`),
  ],
  [
    'multiplyAdd',
    helper(`// @ts-ignore: decorator
@inline
function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}`),
  ],
  [
    'storeTransposed',
    helper(`/** Columns of the block whose rows are r0 to r3. */
// @ts-ignore: decorator
@inline
function storeTransposed(p0: usize, p1: usize, p2: usize, p3: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const b = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const c = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(p0, v128.shuffle<i64>(a, b, 0, 2));
  v128.store(p1, v128.shuffle<i64>(a, b, 1, 3));
  v128.store(p2, v128.shuffle<i64>(c, d, 0, 2));
  v128.store(p3, v128.shuffle<i64>(c, d, 1, 3));
}`),
  ],
]);
