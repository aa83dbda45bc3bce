// Arithmetic of positions: sums, quotients, and their ranges.
import type { Axis, Index } from '../stages/type.ts';
import type { Range, Sizes } from '../stages/index-range.ts';
import type { Atom, Position, Term } from './type.ts';

export const zero: Position = { constant: 0, terms: [] };

export function axisPosition(axis: string, factor = 1): Position {
  return { constant: 0, terms: [{ atom: { kind: 'axis', axis }, factor }] };
}

export function atomPosition(atom: Atom): Position {
  return { constant: 0, terms: [{ atom, factor: 1 }] };
}

/** The index unsimplified: a sum of axes, or a single quotient of one. */
export function positionOf({ constant, terms, divisor }: Index): Position {
  const of = combine(
    terms.map(({ axis, factor }) => [axisPosition(axis), factor]),
    constant,
  );
  return divisor === 1 ? of : atomPosition({ kind: 'quotient', of, divisor });
}

/** The row-major position of an element in a tensor with exactly these axes. */
export function rowMajor(axes: readonly Axis[]): Position {
  let stride = 1;
  const terms = axes.toReversed().map(({ id, size }): Term => {
    const factor = stride;
    stride *= size;
    return { atom: { kind: 'axis', axis: id }, factor };
  });
  return { constant: 0, terms: terms.toReversed() };
}

/** constant + Σ factor · position; like terms are combined. */
export function combine(
  parts: readonly (readonly [position: Position, factor: number])[],
  constant = 0,
): Position {
  const terms: Term[] = [];
  let total = constant;
  for (const [position, factor] of parts) {
    total += position.constant * factor;
    for (const term of position.terms) addTerm(terms, term.atom, term.factor * factor);
  }
  return { constant: total, terms: terms.filter((term) => term.factor !== 0) };
}

function addTerm(terms: Term[], atom: Atom, factor: number): void {
  const same = terms.findIndex((term) => isSame(term.atom, atom));
  const known = terms[same];
  if (known) terms[same] = { atom, factor: known.factor + factor };
  else terms.push({ atom, factor });
}

function isSame(a: Atom, b: Atom): boolean {
  return a === b || (a.kind === 'axis' && b.kind === 'axis' && a.axis === b.axis);
}

export function plus(position: Position, constant: number): Position {
  return { ...position, constant: position.constant + constant };
}

/** The position's stride along an axis, in elements. Quotients and lookups do not count. */
export function factorOf({ terms }: Position, axis: string): number {
  for (const { atom, factor } of terms) if (atom.kind === 'axis' && atom.axis === axis) return factor;
  return 0;
}

/** The terms of one kind of atom. */
export function termsOf<K extends Atom['kind']>({ terms }: Position, kind: K): readonly TermOf<K>[] {
  return terms.filter((term): term is TermOf<K> => term.atom.kind === kind);
}

type TermOf<K extends Atom['kind']> = Term & { readonly atom: Extract<Atom, { readonly kind: K }> };

/** The position as floor(of / divisor); the divisor is 1 where it is not a single quotient. */
export function asQuotient(position: Position): { readonly of: Position; readonly divisor: number } {
  const [term, ...others] = position.terms;
  const alone = others.length === 0 && position.constant === 0 && term?.factor === 1;
  return alone && term.atom.kind === 'quotient' ? term.atom : { of: position, divisor: 1 };
}

/** floor(position / divisor), with the terms that the divisor divides moved out of the quotient. */
export function quotientOf(position: Position, divisor: number, sizes: Sizes): Position {
  if (divisor === 1) return position;
  const whole = position.terms.filter((term) => term.factor % divisor === 0);
  const outside: Position = {
    constant: Math.floor(position.constant / divisor),
    terms: whole.map(({ atom, factor }) => ({ atom, factor: factor / divisor })),
  };
  const rest: Position = {
    constant: position.constant - divisor * outside.constant,
    terms: position.terms.filter((term) => !whole.includes(term)),
  };
  const { low, high } = rangeOf(rest, sizes);
  if (low >= 0 && high < divisor) return outside;
  return combine([
    [outside, 1],
    [atomPosition({ kind: 'quotient', of: rest, divisor }), 1],
  ]);
}

/** The minimum and maximum over all values of the axes; an axis without a size stays at 0. */
export function rangeOf(position: Position, sizes: Sizes): Range {
  let [low, high] = [position.constant, position.constant];
  for (const { atom, factor } of position.terms) {
    const range = rangeOfAtom(atom, sizes);
    low += factor * (factor < 0 ? range.high : range.low);
    high += factor * (factor < 0 ? range.low : range.high);
  }
  return { low, high };
}

function rangeOfAtom(atom: Atom, sizes: Sizes): Range {
  switch (atom.kind) {
    case 'axis':
      return { low: 0, high: (sizes.get(atom.axis) ?? 1) - 1 };
    case 'lookup':
      return { low: 0, high: atom.size - 1 };
    case 'quotient': {
      const { low, high } = rangeOf(atom.of, sizes);
      return { low: Math.floor(low / atom.divisor), high: Math.floor(high / atom.divisor) };
    }
    default:
      return atom satisfies never;
  }
}
