// Fast normal noise: one of 4096 quantiles of the normal distribution, chosen by 12 random bits. Deterministic on all machines: of the
// platform's Math it uses only the square root, which IEEE 754 defines exactly.

export const levels = 4096;
let quantiles: Float32Array | undefined;

/**
 * The midpoints of 4096 intervals of equal probability under the normal distribution, scaled to variance one: ascending and symmetric.
 * The intervals are found by summing the density over a fine grid.
 */
export function normalQuantiles(): Float32Array {
  return (quantiles ??= computeQuantiles());
}

function computeQuantiles(): Float32Array {
  const half = levels / 2;
  const step = 1 / 2048;
  const far = 6;
  const densities = new Float64Array(far / step);
  let total = 0;
  for (let i = 0; i < densities.length; i++) {
    const x = (i + 0.5) * step;
    densities[i] = exponential(-(x * x) / 2);
    total += densities[i] ?? 0;
  }
  const found = new Float64Array(half);
  let passed = 0;
  let i = 0;
  for (let k = 0; k < half; k++) {
    // the midpoint, interpolated between two grid points
    const wanted = ((k + 0.5) / half) * total;
    while (i < densities.length - 1 && passed + (densities[i] ?? 0) < wanted) passed += densities[i++] ?? 0;
    found[k] = (i + (wanted - passed) / (densities[i] ?? 1)) * step;
  }
  let square = 0;
  for (const value of found) square += value * value;
  const scale = 1 / Math.sqrt(square / half);
  const table = new Float32Array(levels);
  found.forEach((value, k) => {
    table[half + k] = scale * value;
    table[half - 1 - k] = -scale * value;
  });
  return table;
}

/** exp(x) for -32 ≤ x ≤ 0: Math.exp may differ in its last bit between machines. */
function exponential(x: number): number {
  const small = x / 1024;
  let term = 1;
  let sum = 1;
  for (let n = 1; n <= 8; n++) {
    term *= small / n;
    sum += term;
  }
  for (let n = 0; n < 10; n++) sum *= sum;
  return sum;
}
