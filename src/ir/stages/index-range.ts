// The range of an index, by interval arithmetic over its axes and the conditions under which it is evaluated. Sound, not complete: a
// range may be wider than the truth, never narrower.
import type { Axis, Condition, Index, IndexTerm } from './type.ts';
import { indexKey } from './walk.ts';

/** Inclusive. Empty (low above high) where the conditions contradict one another. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export type Sizes = ReadonlyMap<string, number>;

export function sizesOf(axes: readonly Axis[]): Sizes {
  return new Map(axes.map((axis) => [axis.id, axis.size]));
}

export function rangeOf(index: Index, sizes: Sizes, conditions: readonly Condition[]): Range {
  const { low, high } = rangeOfTerms(index.terms, sizes, conditions);
  return {
    low: Math.floor((index.constant + low) / index.divisor),
    high: Math.floor((index.constant + high) / index.divisor),
  };
}

/** Whether 0 ≤ index < size wherever it is evaluated. */
export function staysInside(
  index: Index,
  size: number,
  sizes: Sizes,
  conditions: readonly Condition[],
): boolean {
  const { low, high } = rangeOf(index, sizes, conditions);
  return low > high || (low >= 0 && high < size);
}

/** Whether the divisor divides the numerator wherever the index is evaluated, so that the floor is exact. */
export function isExact(index: Index, conditions: readonly Condition[]): boolean {
  const { constant, terms, divisor } = index;
  if (constant % divisor === 0 && terms.every((term) => term.factor % divisor === 0)) return true;
  const numerator = indexKey({ constant, terms, divisor: 1 });
  return conditions.some(
    (condition) =>
      condition.kind === 'divisible' &&
      condition.modulus % divisor === 0 &&
      indexKey(condition.index) === numerator,
  );
}

/** Whether a condition holds at every point where the others do. */
export function alwaysHolds(condition: Condition, sizes: Sizes, others: readonly Condition[]): boolean {
  if (condition.kind === 'inside') return staysInside(condition.index, condition.limit, sizes, others);
  return isExact({ ...condition.index, divisor: condition.modulus }, others);
}

/** Whether a condition holds at no point where the others do. */
export function neverHolds(condition: Condition, sizes: Sizes, others: readonly Condition[]): boolean {
  if (condition.kind === 'divisible') {
    const { constant, terms } = condition.index;
    const free = terms.every((term) => term.factor % condition.modulus === 0);
    return free && constant % condition.modulus !== 0;
  }
  if (condition.limit <= 0) return true;
  const { low, high } = rangeOf(condition.index, sizes, others);
  return low <= high && (high < 0 || low >= condition.limit);
}

/** The range of Σ factor·axis. */
function rangeOfTerms(terms: readonly IndexTerm[], sizes: Sizes, conditions: readonly Condition[]): Range {
  let range = axesRange(terms, sizes);
  // A condition bounds a linear form; where that form is part of the sum, the rest is bounded separately.
  conditions.forEach((condition, i) => {
    if (condition.kind !== 'inside') return;
    const split = splitOff(terms, condition.index.terms);
    if (!split) return;
    const { constant, terms: bounded, divisor } = condition.index;
    const form = intersect(
      { low: -constant, high: condition.limit * divisor - 1 - constant },
      axesRange(bounded, sizes),
    );
    const rest = rangeOfTerms(split.rest, sizes, conditions.toSpliced(i, 1));
    const scaled = split.times >= 0 ? form : { low: form.high, high: form.low };
    range = intersect(range, {
      low: split.times * scaled.low + rest.low,
      high: split.times * scaled.high + rest.high,
    });
  });
  return range;
}

/** terms = times · form + rest, where the rest has fewer terms. */
function splitOff(
  terms: readonly IndexTerm[],
  form: readonly IndexTerm[],
): { readonly times: number; readonly rest: readonly IndexTerm[] } | undefined {
  const [first] = form;
  if (!first) return undefined;
  const times = (terms.find((term) => term.axis === first.axis)?.factor ?? 0) / first.factor;
  if (times === 0 || !Number.isInteger(times)) return undefined;
  const rest = new Map(terms.map((term) => [term.axis, term.factor]));
  for (const { axis, factor } of form) rest.set(axis, (rest.get(axis) ?? 0) - times * factor);
  const left = [...rest].filter(([, factor]) => factor !== 0).map(([axis, factor]) => ({ axis, factor }));
  return left.length < terms.length ? { times, rest: left } : undefined;
}

function axesRange(terms: readonly IndexTerm[], sizes: Sizes): Range {
  let [low, high] = [0, 0];
  for (const { axis, factor } of terms) {
    const size = sizes.get(axis);
    if (size === undefined) throw new Error(`no axis ${axis} encloses the index`);
    const reach = factor * (size - 1);
    low += Math.min(reach, 0);
    high += Math.max(reach, 0);
  }
  return { low, high };
}

function intersect(a: Range, b: Range): Range {
  return { low: Math.max(a.low, b.low), high: Math.min(a.high, b.high) };
}
