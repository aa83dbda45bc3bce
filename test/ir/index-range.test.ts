// Ranges are checked against every point of small loops.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alwaysHolds, isExact, neverHolds, rangeOf } from '../../src/ir/index-range.ts';
import type { Condition, Index } from '../../src/ir/kernel.ts';
import { indices } from '../ops/tensors.ts';

const axes = ['a', 'b', 'c'];
const index = (divisors: readonly number[]) =>
  fc.record({
    constant: fc.integer({ min: -6, max: 6 }),
    terms: fc.uniqueArray(
      fc.record({ axis: fc.constantFrom(...axes), factor: fc.constantFrom(1, 1, -1, 2, -2, 3, 6) }),
      {
        selector: (term) => term.axis,
      },
    ),
    divisor: fc.constantFrom(...divisors),
  });
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    kind: fc.constant('inside' as const),
    index: index([1, 1, 2]),
    limit: fc.integer({ min: 1, max: 8 }),
  }),
  fc.record({ kind: fc.constant('divisible' as const), index: index([1]), modulus: fc.constantFrom(2, 3) }),
);
const sizes = fc.tuple(...axes.map(() => fc.integer({ min: 1, max: 5 })));

type Point = ReadonlyMap<string, number>;

function numerator({ constant, terms }: Index, point: Point): number {
  return terms.reduce((sum, { axis, factor }) => sum + factor * (point.get(axis) ?? NaN), constant);
}

const valueAt = (each: Index, point: Point) => Math.floor(numerator(each, point) / each.divisor);

function holds(each: Condition, point: Point): boolean {
  const value = valueAt(each.index, point);
  return each.kind === 'inside' ? value >= 0 && value < each.limit : value % each.modulus === 0;
}

function points(counts: readonly number[], conditions: readonly Condition[]): readonly Point[] {
  return indices(counts)
    .map((values) => new Map(axes.map((axis, i) => [axis, values[i] ?? 0])))
    .filter((point) => conditions.every((each) => holds(each, point)));
}

describe('ranges of indices', () => {
  it('hold every value that is taken', () => {
    fc.assert(
      fc.property(
        index([1, 2, 3]),
        sizes,
        fc.array(condition, { maxLength: 3 }),
        (each, counts, conditions) => {
          const { low, high } = rangeOf(
            each,
            new Map(axes.map((axis, i) => [axis, counts[i] ?? 1])),
            conditions,
          );
          for (const point of points(counts, conditions)) {
            expect(valueAt(each, point)).toBeGreaterThanOrEqual(low);
            expect(valueAt(each, point)).toBeLessThanOrEqual(high);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('are tight where nothing guards', () => {
    fc.assert(
      fc.property(index([1, 2, 3]), sizes, (each, counts) => {
        const values = points(counts, []).map((point) => valueAt(each, point));
        const range = rangeOf(each, new Map(axes.map((axis, i) => [axis, counts[i] ?? 1])), []);
        expect(range).toEqual({ low: Math.min(...values), high: Math.max(...values) });
      }),
    );
  });

  it('never claim what does not hold', () => {
    fc.assert(
      fc.property(condition, sizes, fc.array(condition, { maxLength: 2 }), (each, counts, others) => {
        const known = new Map(axes.map((axis, i) => [axis, counts[i] ?? 1]));
        const at = points(counts, others);
        if (alwaysHolds(each, known, others)) expect(at.every((point) => holds(each, point))).toBe(true);
        if (neverHolds(each, known, others)) expect(at.some((point) => holds(each, point))).toBe(false);
        if (isExact(each.index, others)) {
          expect(at.every((point) => numerator(each.index, point) % each.index.divisor === 0)).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('bound a padded row by its guard, and a stride by what divides it', () => {
    const padded = { constant: -1, terms: [{ axis: 'a', factor: 1 }, { axis: 'b', factor: 1 }], divisor: 1 }; // prettier-ignore
    const known = new Map([['a', 8], ['b', 3], ['c', 4]]); // prettier-ignore
    const guard: Condition = { kind: 'inside', index: padded, limit: 8 };
    const row = { ...padded, constant: -3, terms: [{ axis: 'c', factor: 8 }, ...padded.terms] };
    expect(rangeOf(row, known, [])).toEqual({ low: -3, high: 30 });
    expect(rangeOf(row, known, [guard])).toEqual({ low: -2, high: 29 });
    const even: Condition = { kind: 'divisible', index: padded, modulus: 4 };
    expect(isExact({ ...padded, divisor: 2 }, [even])).toBe(true);
    expect(isExact({ ...padded, divisor: 3 }, [even])).toBe(false);
  });
});
