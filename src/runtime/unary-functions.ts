// Unary functions in float64: the definition of the compiler's scalar functions, and the functions of initializers.

export const unaryFunctions = {
  negate: (x: number) => -x,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  tanh: Math.tanh,
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  softplus: (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  erf,
  sin: Math.sin,
  cos: Math.cos,
  abs: Math.abs,
  sign: Math.sign,
  floor: Math.floor,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  log1p: Math.log1p,
  expm1: Math.expm1,
  round: roundToEven,
};

export type UnaryFunction = keyof typeof unaryFunctions;

/** The nearest integer, ties to even: adding 2⁵² rounds so. Zeros keep their sign. */
function roundToEven(x: number): number {
  const size = Math.abs(x);
  const whole = size < 2 ** 52 ? size + 2 ** 52 - 2 ** 52 : size;
  return x < 0 || Object.is(x, -0) ? -whole : whole;
}

/** The error function, to a few units in the last place of float64. */
function erf(x: number): number {
  const size = Math.abs(x);
  if (size < 3) return erfSeries(x);
  if (size >= 6) return Math.sign(x);
  return Number.isNaN(x) ? x : Math.sign(x) * (1 - erfcFraction(size));
}

/** erf(x) = 2/√π · exp(-x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n+1)): all terms have one sign, so nothing cancels. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** erfc(x) = exp(-x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …)))), which converges fast for x ≥ 3. */
function erfcFraction(x: number): number {
  let tail = x;
  for (let n = 60; n >= 1; n--) tail = x + n / 2 / tail;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / tail;
}
