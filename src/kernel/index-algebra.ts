// The algebra of indices: normal form, composition, reshaping, and injectivity (whether different points of a loop read different
// elements). Every answer is sound; where the result is not expressible in the IR, it is `undefined`.
import type { Axis, Condition, Index, IndexTerm } from '../ir/stages/type.ts';
import { isExact, rangeOf, type Sizes } from '../ir/stages/index-range.ts';
import { indexKey } from '../ir/stages/walk.ts';
import { elementCount } from '../runtime/tensor.ts';

/**
 * Normal form: one term per axis, in the order of first use, without zero factors and axes of size 1, and the smallest divisor: (4·i + j)
 * / 4 is i where j < 4.
 */
export function normalIndex(index: Index, sizes: Sizes, conditions: readonly Condition[]): Index {
  const plain = index.terms.every(({ axis, factor }) => factor !== 0 && sizes.get(axis) !== 1);
  if (index.terms.length <= 1 && index.divisor === 1 && plain) return index;
  const factors = new Map<string, number>();
  for (const { axis, factor } of index.terms) factors.set(axis, (factors.get(axis) ?? 0) + factor);
  const terms = [...factors]
    .filter(([axis, factor]) => factor !== 0 && sizes.get(axis) !== 1)
    .map(([axis, factor]) => ({ axis, factor }));
  return withSmallestDivisor({ ...index, terms }, sizes, conditions);
}

function withSmallestDivisor(index: Index, sizes: Sizes, conditions: readonly Condition[]): Index {
  const { constant, terms, divisor } = index;
  if (divisor === 1) return index;
  const quotient = splitAt(index, divisor, sizes, conditions);
  if (quotient && isBoundedAs(quotient.outer, index, sizes, conditions)) return quotient.outer;
  const common = terms.reduce((divisor, term) => greatestCommonDivisor(divisor, term.factor), divisor);
  if (common === 1) return index;
  return {
    constant: Math.floor(constant / common),
    terms: terms.map(({ axis, factor }) => ({ axis, factor: factor / common })),
    divisor: divisor / common,
  };
}

/** Whether the dropped terms take no bound with them. */
function isBoundedAs(simpler: Index, index: Index, sizes: Sizes, conditions: readonly Condition[]): boolean {
  const [before, after] = [rangeOf(index, sizes, conditions), rangeOf(simpler, sizes, conditions)];
  return after.low >= before.low && after.high <= before.high;
}

/** numerator = stride · outer + inner with 0 ≤ inner < stride, both affine. */
export function splitAt(
  { constant, terms }: Index,
  stride: number,
  sizes: Sizes,
  conditions: readonly Condition[],
): { readonly outer: Index; readonly inner: Index } | undefined {
  const whole = terms.filter((term) => term.factor % stride === 0);
  const inner = { constant: 0, terms: terms.filter((term) => term.factor % stride !== 0), divisor: 1 };
  const { low, high } = rangeOf(inner, sizes, conditions);
  const times = Math.floor((constant + low) / stride);
  const rest = constant - times * stride;
  if (high + rest >= stride) return undefined;
  return {
    outer: {
      constant: times,
      terms: whole.map(({ axis, factor }) => ({ axis, factor: factor / stride })),
      divisor: 1,
    },
    inner: { ...inner, constant: rest },
  };
}

/**
 * `outer` with axes replaced by indices. A quotient floor(x / d) may be substituted only where it is exact, as d divides x under the
 * conditions, or where it is the only term, with factor 1, as floor(floor(x / d) / e) = floor(x / (d · e)).
 */
export function compose(
  outer: Index,
  bindings: ReadonlyMap<string, Index>,
  conditions: readonly Condition[],
): Index | undefined {
  const bound = outer.terms.map(({ axis, factor }) => ({
    inner: bindings.get(axis) ?? axisIndex(axis),
    factor,
  }));
  const inexact = bound.filter(({ inner }) => inner.divisor !== 1 && !isExact(inner, conditions));
  if (inexact.length > 1 || inexact.some(({ factor }) => factor !== 1)) return undefined;
  const denominator = bound.reduce((common, { inner }) => leastCommonMultiple(common, inner.divisor), 1);
  // floor(n + floor(x / d)) may be joined over d alone; with another common denominator the inner floor would be lost.
  if (inexact.some(({ inner }) => inner.divisor !== denominator)) return undefined;
  const terms: IndexTerm[] = [];
  let constant = outer.constant * denominator;
  for (const { inner, factor } of bound) {
    const scale = factor * (denominator / inner.divisor);
    constant += scale * inner.constant;
    for (const term of inner.terms) terms.push({ axis: term.axis, factor: scale * term.factor });
  }
  return { constant, terms: merged(terms), divisor: outer.divisor * denominator };
}

/** Conditions compose as indices do; x / d is divisible by m where x is divisible by m · d. */
export function composeCondition(
  condition: Condition,
  bindings: ReadonlyMap<string, Index>,
  conditions: readonly Condition[],
): Condition | undefined {
  const index = compose(condition.index, bindings, conditions);
  if (!index || condition.kind === 'inside') return index && { ...condition, index };
  if (index.divisor === 1) return { ...condition, index };
  if (!isExact(index, conditions)) return undefined;
  return { ...condition, index: { ...index, divisor: 1 }, modulus: condition.modulus * index.divisor };
}

export function axisIndex(axis: string): Index {
  return { constant: 0, terms: [{ axis, factor: 1 }], divisor: 1 };
}

/** The flat row-major position of affine indices. */
export function flatIndex(index: readonly Index[], shape: readonly number[]): Index {
  let constant = 0;
  const terms: IndexTerm[] = [];
  index.forEach((each, i) => {
    const stride = elementCount(shape.slice(i + 1));
    constant += stride * each.constant;
    for (const { axis, factor } of each.terms) terms.push({ axis, factor: stride * factor });
  });
  return { constant, terms: merged(terms), divisor: 1 };
}

/**
 * Whether the index is injective, so that no two points of the axes read one element: each axis must be recoverable from it. An axis is
 * recoverable where it is the only unknown of an index, or a digit of a mixed-radix number.
 */
export function readsEachOnce(
  index: readonly Index[],
  axes: readonly Axis[],
  conditions: readonly Condition[],
): boolean {
  const sizes = new Map(axes.map((axis) => [axis.id, axis.size]));
  const unknown = new Set(axes.filter((axis) => axis.size > 1).map((axis) => axis.id));
  const exact = index.filter((each) => each.divisor === 1 || isExact(each, conditions));
  for (let before = -1; before !== unknown.size;) {
    before = unknown.size;
    for (const { terms } of exact) {
      const digits = terms.filter((term) => unknown.has(term.axis));
      if (areDigits(digits, sizes)) for (const { axis } of digits) unknown.delete(axis);
    }
  }
  return unknown.size === 0;
}

/** Whether each term's step is larger than the range of all smaller terms together. */
function areDigits(terms: readonly IndexTerm[], sizes: Sizes): boolean {
  let reach = 0;
  for (const { axis, factor } of terms.toSorted((a, b) => Math.abs(a.factor) - Math.abs(b.factor))) {
    if (Math.abs(factor) <= reach) return false;
    reach += Math.abs(factor) * ((sizes.get(axis) ?? 1) - 1);
  }
  return true;
}

export function sameIndex(a: Index, b: Index): boolean {
  return indexKey(a) === indexKey(b);
}

function merged(terms: readonly IndexTerm[]): readonly IndexTerm[] {
  const factors = new Map<string, number>();
  for (const { axis, factor } of terms) factors.set(axis, (factors.get(axis) ?? 0) + factor);
  return [...factors].filter(([, factor]) => factor !== 0).map(([axis, factor]) => ({ axis, factor }));
}

export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : greatestCommonDivisor(b, a % b);
}

function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}
