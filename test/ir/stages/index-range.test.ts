// Ranges are checked against every point of small loops.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alwaysHolds, isExact, neverHolds, rangeOf, sizesOf } from '../../../src/ir/stages/index-range.ts';
import type { Condition } from '../../../src/ir/stages/type.ts';
import {
  arbitraryAxes,
  arbitraryCondition,
  arbitraryIndex,
  holdsAt,
  numeratorAt,
  pointsOf,
  valueAt,
} from './random-index.ts';

const conditions = fc.array(arbitraryCondition, { maxLength: 3 });

describe('ranges of indices', () => {
  it('hold every value that is taken', () => {
    fc.assert(
      fc.property(arbitraryIndex([1, 2, 3]), arbitraryAxes, conditions, (index, axes, known) => {
        const { low, high } = rangeOf(index, sizesOf(axes), known);
        for (const point of pointsOf(axes, known)) {
          expect(valueAt(index, point)).toBeGreaterThanOrEqual(low);
          expect(valueAt(index, point)).toBeLessThanOrEqual(high);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('are tight where nothing guards', () => {
    fc.assert(
      fc.property(arbitraryIndex([1, 2, 3]), arbitraryAxes, (index, axes) => {
        const values = pointsOf(axes, []).map((point) => valueAt(index, point));
        const range = rangeOf(index, sizesOf(axes), []);
        expect(range).toEqual({ low: Math.min(...values), high: Math.max(...values) });
      }),
    );
  });

  it('never claim what does not hold', () => {
    fc.assert(
      fc.property(arbitraryCondition, arbitraryAxes, conditions, (condition, axes, others) => {
        const points = pointsOf(axes, others);
        if (alwaysHolds(condition, sizesOf(axes), others)) {
          expect(points.every((point) => holdsAt(condition, point))).toBe(true);
        }
        if (neverHolds(condition, sizesOf(axes), others)) {
          expect(points.some((point) => holdsAt(condition, point))).toBe(false);
        }
        const { index } = condition;
        if (isExact(index, others)) {
          expect(points.every((point) => numeratorAt(index, point) % index.divisor === 0)).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('bound a padded row by its guard, and a stride by what divides it', () => {
    const terms = ['a', 'b'].map((axis) => ({ axis, factor: 1 }));
    const padded = { constant: -1, terms, divisor: 1 };
    const sizes = new Map(Object.entries({ a: 8, b: 3, c: 4 }));
    const guard: Condition = { kind: 'inside', index: padded, limit: 8 };
    const row = { ...padded, constant: -3, terms: [{ axis: 'c', factor: 8 }, ...terms] };
    expect(rangeOf(row, sizes, [])).toEqual({ low: -3, high: 30 });
    expect(rangeOf(row, sizes, [guard])).toEqual({ low: -2, high: 29 });
    const even: Condition = { kind: 'divisible', index: padded, modulus: 4 };
    expect(isExact({ ...padded, divisor: 2 }, [even])).toBe(true);
    expect(isExact({ ...padded, divisor: 3 }, [even])).toBe(false);
  });
});
