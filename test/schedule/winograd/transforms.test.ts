// The transforms on numbers, against the sums that they stand for.
import { describe, expect, test } from 'vitest';
import { winograds, type Arithmetic } from '../../../src/schedule/winograd/transforms.ts';

const numbers: Arithmetic<number> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  scale: (a, by) => a * by,
  addScaled: (a, b, by) => a + by * b,
};
const product = (a: readonly number[], b: readonly number[]) => a.map((value, i) => value * (b[i] ?? NaN));
/** y[i] = Σ_j d[i + j] · g[j] */
const filtered = (d: readonly number[], g: readonly number[], outputs: number) =>
  Array.from({ length: outputs }, (_, i) => g.reduce((sum, tap, j) => sum + tap * (d[i + j] ?? NaN), 0));
const data = [3, -1, 4, 1.5, -5, 9.25];

describe.each(winograds.map((each) => [each.tile, each] as const))('tile %i', (tile, winograd) => {
  const d = data.slice(0, tile + 2);

  test('outputs of a filter of three taps', () => {
    const g = [2, -7, 0.5];
    const m = product(winograd.filter(g, numbers), winograd.data(d, numbers));
    winograd.output(m, numbers).forEach((y, i) => expect(y).toBeCloseTo(filtered(d, g, tile)[i] ?? NaN, 10));
    expect(m).toHaveLength(winograd.products);
  });

  test('three outputs of a filter of as many taps as the tile has outputs', () => {
    const g = [2, -7, 0.5, 3].slice(0, tile);
    const m = product(winograd.gradient(g, numbers), winograd.data(d, numbers));
    expect(winograd.taps(m, numbers)).toHaveLength(3);
    winograd.taps(m, numbers).forEach((y, i) => expect(y).toBeCloseTo(filtered(d, g, 3)[i] ?? NaN, 10));
  });

  test('a wrong number of values is a fault', () => {
    expect(() => winograd.data([1, 2, 3], numbers)).toThrow('was given 3');
  });
});
