// Indices and conditions over three small axes, drawn at random, and every point of the loops over them.
import fc from 'fast-check';
import type { Axis, Condition, Index } from '../../../src/ir/stages/type.ts';
import { indices } from '../../ops/tensors.ts';

export const axisNames = ['a', 'b', 'c'] as const;

export const arbitraryIndex = (divisors: readonly number[]): fc.Arbitrary<Index> =>
  fc.record({
    constant: fc.integer({ min: -6, max: 6 }),
    terms: fc.uniqueArray(
      fc.record({ axis: fc.constantFrom(...axisNames), factor: fc.constantFrom(1, 1, -1, 2, -2, 3, 4, 6) }),
      { selector: (term) => term.axis },
    ),
    divisor: fc.constantFrom(...divisors),
  });

export const arbitraryCondition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    kind: fc.constant('inside' as const),
    index: arbitraryIndex([1, 1, 2]),
    limit: fc.integer({ min: 1, max: 8 }),
  }),
  fc.record({
    kind: fc.constant('divisible' as const),
    index: arbitraryIndex([1]),
    modulus: fc.constantFrom(2, 3),
  }),
);

export const arbitraryAxes: fc.Arbitrary<readonly Axis[]> = fc
  .tuple(...axisNames.map(() => fc.integer({ min: 1, max: 5 })))
  .map((sizes) => sizes.map((size, i) => ({ id: axisNames[i] ?? '', size })));

export type Point = ReadonlyMap<string, number>;

export function numeratorAt({ constant, terms }: Index, point: Point): number {
  return terms.reduce((sum, { axis, factor }) => sum + factor * (point.get(axis) ?? NaN), constant);
}

export function valueAt(index: Index, point: Point): number {
  return Math.floor(numeratorAt(index, point) / index.divisor);
}

export function holdsAt(condition: Condition, point: Point): boolean {
  const value = valueAt(condition.index, point);
  return condition.kind === 'inside'
    ? value >= 0 && value < condition.limit
    : value % condition.modulus === 0;
}

/** The points at which the conditions hold. */
export function pointsOf(axes: readonly Axis[], conditions: readonly Condition[]): readonly Point[] {
  return indices(axes.map((axis) => axis.size))
    .map((values) => new Map(axes.map(({ id }, i) => [id, values[i] ?? 0])))
    .filter((point) => conditions.every((condition) => holdsAt(condition, point)));
}
