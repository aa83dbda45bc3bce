// Test statistics, each as the number of its own standard deviations from what independent uniform numbers would give.

/** Pearson's chi-square over equal bins of [0, 1), normalized. */
export function uniformity(values: readonly number[], bins: number): number {
  const counts = new Float64Array(bins);
  for (const value of values) {
    const bin = Math.floor(value * bins);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const expected = values.length / bins;
  const square = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return (square - (bins - 1)) / Math.sqrt(2 * (bins - 1));
}

/** Pairs (value, value `lag` later) over a grid of bins × bins. */
export function pairUniformity(values: readonly number[], lag: number, bins: number): number {
  const pairs = values.slice(lag).map((later, i) => {
    return (Math.floor((values[i] ?? 0) * bins) + later) / bins;
  });
  return uniformity(pairs, bins * bins);
}

/** The correlation of two samples of uniform numbers. */
export function correlation(first: readonly number[], second: readonly number[]): number {
  const count = Math.min(first.length, second.length);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += ((first[i] ?? 0) - 0.5) * ((second[i] ?? 0) - 0.5);
  return (sum * 12) / Math.sqrt(count);
}

/** Mean and standard deviation. */
export function moments(values: ArrayLike<number>): { mean: number; deviation: number } {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? NaN;
  const mean = sum / values.length;
  for (let i = 0; i < values.length; i++) squares += ((values[i] ?? NaN) - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}
