// Every answer of the algebra is held against all points of small loops.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sizesOf } from '../../src/ir/stages/index-range.ts';
import type { Index } from '../../src/ir/stages/type.ts';
import {
  compose,
  composeCondition,
  flatIndex,
  normalIndex,
  readsEachOnce,
} from '../../src/kernel/index-algebra.ts';
import { reshapeIndex } from '../../src/kernel/fuse/reshape-index.ts';
import {
  arbitraryAxes,
  arbitraryCondition,
  arbitraryIndex,
  axisNames,
  holdsAt,
  pointsOf,
  valueAt,
  type Point,
} from '../ir/stages/random-index.ts';

const index = arbitraryIndex([1, 1, 2, 3]);
const conditions = fc.array(arbitraryCondition, { maxLength: 2 });
const bindings = fc
  .tuple(index, index, index)
  .map((bound) => new Map(bound.map((each, i) => [axisNames[i] ?? '', each])));

/** The point that the bound axes are at. */
const through = (bound: ReadonlyMap<string, Index>, point: Point): Point =>
  new Map([...bound].map(([axis, each]) => [axis, valueAt(each, point)]));

describe('the algebra of indices', () => {
  it('keeps the value of what it brings into normal form', () => {
    fc.assert(
      fc.property(index, arbitraryAxes, conditions, (each, axes, known) => {
        const normal = normalIndex(each, sizesOf(axes), known);
        for (const point of pointsOf(axes, known)) expect(valueAt(normal, point)).toBe(valueAt(each, point));
        expect(normal.divisor).toBeLessThanOrEqual(each.divisor);
      }),
      { numRuns: 400, seed: 1 },
    );
  });

  it('composes indices where it can', () => {
    let composed = 0;
    fc.assert(
      fc.property(index, bindings, arbitraryAxes, conditions, (outer, bound, axes, known) => {
        const whole = compose(outer, bound, known);
        if (!whole) return;
        composed++;
        for (const point of pointsOf(axes, known)) {
          expect(valueAt(whole, point)).toBe(valueAt(outer, through(bound, point)));
        }
      }),
      { numRuns: 400, seed: 1 },
    );
    expect(composed).toBeGreaterThan(100);
  });

  it('composes conditions where it can', () => {
    let composed = 0;
    fc.assert(
      fc.property(arbitraryCondition, bindings, arbitraryAxes, conditions, (outer, bound, axes, known) => {
        const whole = composeCondition(outer, bound, known);
        if (!whole) return;
        composed++;
        for (const point of pointsOf(axes, known)) {
          expect(holdsAt(whole, point)).toBe(holdsAt(outer, through(bound, point)));
        }
      }),
      { numRuns: 400, seed: 1 },
    );
    expect(composed).toBeGreaterThan(100);
  });

  it('puts quotients into one another', () => {
    const half: Index = { constant: 1, terms: [{ axis: 'a', factor: 1 }], divisor: 2 };
    expect(compose({ ...half, divisor: 3 }, new Map([['a', half]]), [])).toEqual({
      constant: 3,
      terms: [{ axis: 'a', factor: 1 }],
      divisor: 6,
    });
    const twice: Index = { constant: 0, terms: [{ axis: 'a', factor: 2 }], divisor: 1 };
    expect(compose(twice, new Map([['a', half]]), [])).toBeUndefined();
    const whole = { kind: 'divisible', index: { ...half, divisor: 1 }, modulus: 2 } as const;
    expect(compose(twice, new Map([['a', half]]), [whole])).toEqual({
      constant: 2,
      terms: [{ axis: 'a', factor: 2 }],
      divisor: 2,
    });
  });

  it('claims that different points read different elements only where they do', () => {
    let claimed = 0;
    fc.assert(
      fc.property(
        fc.array(index, { minLength: 1, maxLength: 3 }),
        arbitraryAxes,
        conditions,
        (all, axes, known) => {
          if (!readsEachOnce(all, axes, known)) return;
          claimed++;
          const elements = pointsOf(axes, known).map((point) =>
            all.map((each) => valueAt(each, point)).join(),
          );
          expect(new Set(elements).size).toBe(elements.length);
        },
      ),
      { numRuns: 600, seed: 1 },
    );
    expect(claimed).toBeGreaterThan(40);
  });

  it('tells windows that overlap from windows that do not', () => {
    const axes = [{ id: 'a', size: 4 }, { id: 'b', size: 3 }]; // prettier-ignore
    const window = (stride: number): Index => ({
      constant: -1,
      terms: [{ axis: 'a', factor: stride }, { axis: 'b', factor: 1 }], // prettier-ignore
      divisor: 1,
    });
    expect(readsEachOnce([window(3)], axes, [])).toBe(true);
    expect(readsEachOnce([window(2)], axes, [])).toBe(false);
    expect(
      readsEachOnce([window(2), { constant: 0, terms: [{ axis: 'b', factor: 1 }], divisor: 1 }], axes, []),
    ).toBe(true);
  });
});

describe('reshaping an index', () => {
  const shapes = fc.constantFrom(
    [24],
    [2, 12],
    [4, 6],
    [6, 4],
    [2, 3, 4],
    [3, 8],
    [2, 2, 6],
    [1, 24],
    [4, 1, 6],
    [2, 1, 3, 2, 2],
  );

  it('finds the same element', () => {
    let found = 0;
    fc.assert(
      fc.property(
        shapes,
        shapes,
        fc.array(index, { minLength: 5, maxLength: 5 }),
        arbitraryAxes,
        conditions,
        (from, to, all, axes, known) => {
          const position = from.map((_, i) => all[i] ?? flatIndex([], []));
          const reshaped = reshapeIndex(position, from, to, sizesOf(axes), known);
          if (!reshaped || 'axis' in reshaped) return;
          const inside = (point: Point) =>
            position.every((each, i) => {
              const value = valueAt(each, point);
              return value >= 0 && value < (from[i] ?? 1);
            });
          for (const point of pointsOf(axes, known).filter(inside)) {
            found++;
            const affine = reshaped.filter((each): each is Index => !('kind' in each));
            expect(flatAt(affine, to, point)).toBe(flatAt(position, from, point));
          }
        },
      ),
      { numRuns: 600, seed: 1 },
    );
    expect(found).toBeGreaterThan(50);
  });

  it('names the axis that has to run as two', () => {
    const a: Index = { constant: 0, terms: [{ axis: 'a', factor: 1 }], divisor: 1 };
    expect(reshapeIndex([a], [12], [3, 4], new Map([['a', 12]]), [])).toEqual({ axis: 'a', inner: 4 });
    expect(reshapeIndex([a], [12], [3, 4], new Map([['a', 10]]), [])).toBeUndefined();
    expect(reshapeIndex([a], [12], [3, 4], new Map([['a', 4]]), [])).toEqual([{ ...a, terms: [] }, a]);
  });

  it('leaves groups of axes that stay as they are alone, whatever stands there', () => {
    const half: Index = { constant: 0, terms: [{ axis: 'a', factor: 1 }], divisor: 2 };
    const looked = { kind: 'number', value: 1 } as const;
    const b: Index = { constant: 0, terms: [{ axis: 'b', factor: 1 }], divisor: 1 };
    const found = reshapeIndex([half, b, looked], [5, 6, 7], [5, 2, 3, 7], new Map([['a', 10], ['b', 3]]), []); // prettier-ignore
    expect(found).toEqual([half, { ...b, terms: [] }, b, looked]);
  });
});

function flatAt(index: readonly Index[], shape: readonly number[], point: Point): number {
  return index.reduce((flat, each, i) => flat * (shape[i] ?? 1) + valueAt(each, point), 0);
}
