import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { initialize } from '../../src/runtime/initialize.ts';
import type { Initializer, StoredTensor } from '../../src/runtime/specification.ts';
import { moments } from './statistics.ts';

const tensor = (shape: readonly number[], initial: Initializer, path = 'linear_1.W'): StoredTensor => ({
  path,
  shape,
  storage: 'parameter',
  initial,
});
const values = (shape: readonly number[], initial: Initializer, seed = 1) => [
  ...initialize(tensor(shape, initial), seed),
];
const fill = (value: number): Initializer => ({ kind: 'fill', value });
const normal: Initializer = { kind: 'normal', mean: 0, deviation: 1 };

describe('what is not random', () => {
  it('fills, counts and places ones', () => {
    expect(values([], fill(3))).toEqual([3]);
    expect(values([2, 2], fill(0.1))).toEqual(Array(4).fill(Math.fround(0.1)));
    expect(values([2, 3], { kind: 'iota', axis: 0 })).toEqual([0, 0, 0, 1, 1, 1]);
    expect(values([2, 3], { kind: 'iota', axis: 1 })).toEqual([0, 1, 2, 0, 1, 2]);
    expect(values([2, 3], { kind: 'eye', axes: [0, 1] })).toEqual([1, 0, 0, 0, 1, 0]);
    expect(values([2, 2, 2], { kind: 'eye', axes: [0, 2] })).toEqual([1, 0, 1, 0, 0, 1, 0, 1]);
  });

  it('evaluates arithmetic in float64, rounded once', () => {
    const binary = (
      operator: '+' | '-' | '*' | '/' | '^',
      left: Initializer,
      right: Initializer,
    ): Initializer => ({
      kind: 'binary',
      operator,
      left,
      right,
    });
    expect(values([1], binary('-', fill(1e9 + 1), fill(1e9)))).toEqual([1]);
    expect(values([3], binary('^', fill(2), { kind: 'iota', axis: 0 }))).toEqual([1, 2, 4]);
    expect(values([1], binary('/', binary('*', fill(3), fill(4)), binary('+', fill(2), fill(4))))).toEqual([
      2,
    ]);
    const unary = (
      name: 'negate' | 'sqrt' | 'exp' | 'log' | 'sin' | 'cos' | 'abs' | 'floor',
      value: number,
    ) => values([1], { kind: 'unary', function: name, operand: fill(value) })[0];
    expect(unary('negate', 2)).toBe(-2);
    expect(unary('sqrt', 9)).toBe(3);
    expect(unary('exp', 1)).toBe(Math.fround(Math.E));
    expect(unary('log', Math.E)).toBe(1);
    expect(unary('sin', Math.PI / 2)).toBe(1);
    expect(unary('cos', 0)).toBe(1);
    expect(unary('abs', -5)).toBe(5);
    expect(unary('floor', -1.5)).toBe(-2);
  });
});

describe('what is random', () => {
  const size = 40_000;

  it('has the moments of its distribution', () => {
    const drawn = values([200, 200], { kind: 'normal', mean: 2, deviation: 0.5 });
    expect(Math.abs(moments(drawn).mean - 2)).toBeLessThan((4 * 0.5) / Math.sqrt(size));
    expect(Math.abs(moments(drawn).deviation - 0.5)).toBeLessThan((4 * 0.5) / Math.sqrt(2 * size));
    const standard = drawn.map((x) => (x - 2) / 0.5);
    expect(Math.abs(moments(standard.map((x) => x ** 3)).mean)).toBeLessThan(4 * Math.sqrt(15 / size));
    expect(Math.abs(moments(standard.map((x) => x ** 4)).mean - 3)).toBeLessThan(4 * Math.sqrt(96 / size));
    const beyond = standard.filter((x) => Math.abs(x) > 1.959964).length / size;
    expect(Math.abs(beyond - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / size));

    const flat = values([200, 200], { kind: 'uniform', low: -1, high: 3 });
    expect(Math.abs(moments(flat).mean - 1)).toBeLessThan(4 * Math.sqrt(16 / 12 / size));
    expect(Math.abs(moments(flat).deviation - Math.sqrt(16 / 12))).toBeLessThan(0.01);
    expect(Math.min(...flat)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...flat)).toBeLessThanOrEqual(3);
  });

  it('has no correlation along and across rows', () => {
    const drawn = values([200, 200], normal);
    for (const lag of [1, 2, 199, 200, 201]) {
      const product = moments(drawn.slice(lag).map((x, i) => x * (drawn[i] ?? 0))).mean;
      expect(Math.abs(product)).toBeLessThan(4 / Math.sqrt(size - lag));
    }
  });

  it('is the same for a seed and a path, and independent between seeds, paths and leaves', () => {
    const base = initialize(tensor([size], normal), 1);
    expect(initialize(tensor([size], normal), 1)).toEqual(base);
    // the element, not the order in which elements are drawn, decides
    expect([...initialize(tensor([200, 200], normal), 1)]).toEqual([...base]);
    const twice: Initializer = { kind: 'binary', operator: '-', left: normal, right: normal };
    const others = [
      initialize(tensor([size], normal), 2),
      initialize(tensor([size], normal, 'linear_2.W'), 1),
      initialize(tensor([size], normal, 'linear_1.b'), 1),
    ];
    for (const other of others) {
      const product = moments(other.map((x, i) => x * (base[i] ?? 0))).mean;
      expect(Math.abs(product)).toBeLessThan(4 / Math.sqrt(size));
    }
    expect(moments(initialize(tensor([size], twice), 1)).deviation).toBeCloseTo(Math.SQRT2, 1);
  });
});

describe('orthogonal', () => {
  const matrix = (rows: number, columns: number, gain = 1, seed = 1) => {
    const drawn = values([rows, columns], { kind: 'orthogonal', gain }, seed);
    return Array.from({ length: rows }, (_, i) => drawn.slice(i * columns, (i + 1) * columns));
  };
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
  const transpose = (m: number[][]) => (m[0] ?? []).map((_, j) => m.map((row) => row[j] ?? 0));

  it.each([
    [1, 1],
    [5, 5],
    [3, 8],
    [8, 3],
    [64, 64],
    [1, 7],
    [40, 200],
  ])('makes the fewer of %i rows and %i columns orthonormal', (rows, columns) => {
    const drawn = matrix(rows, columns);
    const vectors = rows <= columns ? drawn : transpose(drawn);
    vectors.forEach((a, i) => {
      vectors.forEach((b, j) => expect(dot(a, b)).toBeCloseTo(i === j ? 1 : 0, 6));
    });
  });

  // A seed's values are what users' runs start from.
  it.each([
    ['7 × 7', [7, 7], 'f6e4c8abf8b2915a'],
    ['40 × 200', [40, 200], '2be132bd2504bcf1'],
    ['131 × 130', [131, 130], 'ae41a148c01ec368'],
    ['150 × 601', [150, 601], 'b8f2e564e194e87b'],
  ])('draws the same %s as ever', (_, shape, hash) => {
    const found = initialize(tensor(shape, { kind: 'orthogonal', gain: 1 }, 'a.W'), 7);
    expect(createHash('sha256').update(found).digest('hex').slice(0, 16)).toBe(hash);
  });

  it('takes the gain, and every axis but the first together', () => {
    const [row = []] = matrix(2, 6, 3);
    expect(Math.sqrt(dot(row, row))).toBeCloseTo(3, 5);
    expect(values([2, 3, 2], { kind: 'orthogonal', gain: 3 })).toEqual(
      values([2, 6], { kind: 'orthogonal', gain: 3 }),
    );
  });

  it('has no preferred direction or sign', () => {
    // Of a uniformly distributed rotation of the plane and its mirror images, every entry has mean 0 and mean square 1/2, and
    // the determinant is as often 1 as -1.
    const draws = Array.from({ length: 2000 }, (_, seed) => matrix(2, 2, 1, seed));
    for (const [i, j] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const) {
      const entries = draws.map((m) => m[i]?.[j] ?? NaN);
      expect(Math.abs(moments(entries).mean)).toBeLessThan(4 / Math.sqrt(2 * 2000));
      expect(Math.abs(moments(entries.map((x) => x * x)).mean - 0.5)).toBeLessThan(4 / Math.sqrt(8 * 2000));
    }
    const determinants = draws.map(([[a = 0, b = 0] = [], [c = 0, d = 0] = []]) => a * d - b * c);
    expect(Math.abs(moments(determinants).mean)).toBeLessThan(4 / Math.sqrt(2000));
  });
});
