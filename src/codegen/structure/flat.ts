// A kernel's expression with every buffer read at one place of a flat, row-major array. It stands between the kernel IR, whose
// reads have an index per axis, and statements (statements.ts). Positions are whole numbers.
import type { Axis, BufferId, Reducer, ScalarFunction } from '../../ir/stages/type.ts';

/** constant + Σ factor · atom */
export interface Position {
  readonly constant: number;
  readonly terms: readonly PositionTerm[];
}

export interface PositionTerm {
  readonly atom: Atom;
  readonly factor: number;
}

export type Atom =
  | { readonly kind: 'axis'; readonly axis: string }
  /** floor(of / divisor). With divisor 1 it is the position itself, where that deserves a name. */
  | { readonly kind: 'quotient'; readonly of: Position; readonly divisor: number }
  /** A value that is known when the kernel runs, kept from 0 to limit - 1. */
  | { readonly kind: 'clamped'; readonly value: Flat; readonly limit: number };

export type Test =
  /** 0 ≤ position, if `low`; position < high, if given. What always holds is not asked. */
  | {
      readonly kind: 'inside';
      readonly position: Position;
      readonly low: boolean;
      readonly high: number | undefined;
    }
  | { readonly kind: 'divisible'; readonly position: Position; readonly modulus: number };

export type Flat =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'read'; readonly buffer: BufferId; readonly position: Position }
  | { readonly kind: 'position'; readonly position: Position }
  | { readonly kind: 'apply'; readonly function: ScalarFunction; readonly operands: readonly Flat[] }
  | {
      readonly kind: 'guard';
      readonly tests: readonly Test[];
      readonly value: Flat;
      readonly otherwise: number;
    }
  | {
      readonly kind: 'reduce';
      readonly reducer: Reducer;
      readonly axes: readonly Axis[];
      readonly value: Flat;
    }
  | {
      readonly kind: 'random';
      readonly key: BufferId;
      readonly site: number;
      readonly position: Position;
    };

/** A kernel whose output is flat: element `Σ axis · stride` of it is `body`. Axes of size 1 are gone. */
export interface FlatKernel {
  readonly axes: readonly Axis[];
  readonly body: Flat;
}

export function axisPosition(axis: string, factor = 1): Position {
  return { constant: 0, terms: [{ atom: { kind: 'axis', axis }, factor }] };
}

export function atomPosition(atom: Atom): Position {
  return { constant: 0, terms: [{ atom, factor: 1 }] };
}

/** Σ factor · position; terms of one axis are joined. */
export function combine(
  parts: readonly (readonly [position: Position, factor: number])[],
  constant = 0,
): Position {
  const terms: PositionTerm[] = [];
  let total = constant;
  for (const [position, factor] of parts) {
    total += position.constant * factor;
    for (const term of position.terms) addTerm(terms, term.atom, term.factor * factor);
  }
  return { constant: total, terms: terms.filter((term) => term.factor !== 0) };
}

function addTerm(terms: PositionTerm[], atom: Atom, factor: number): void {
  const same = terms.findIndex(
    (term) => term.atom === atom || (axisOf(term.atom) !== undefined && axisOf(term.atom) === axisOf(atom)),
  );
  const known = terms[same];
  if (known) terms[same] = { atom, factor: known.factor + factor };
  else terms.push({ atom, factor });
}

function axisOf(atom: Atom): string | undefined {
  return atom.kind === 'axis' ? atom.axis : undefined;
}

/** The least and the greatest value of a position. */
export function rangeOf(position: Position, sizes: ReadonlyMap<string, number>): readonly [number, number] {
  let [least, greatest] = [position.constant, position.constant];
  for (const { atom, factor } of position.terms) {
    const [low, high] = atomRange(atom, sizes);
    least += Math.min(low * factor, high * factor);
    greatest += Math.max(low * factor, high * factor);
  }
  return [least, greatest];
}

function atomRange(atom: Atom, sizes: ReadonlyMap<string, number>): readonly [number, number] {
  switch (atom.kind) {
    case 'axis':
      return [0, (sizes.get(atom.axis) ?? 1) - 1];
    case 'clamped':
      return [0, atom.limit - 1];
    case 'quotient': {
      const [low, high] = rangeOf(atom.of, sizes);
      return [Math.floor(low / atom.divisor), Math.floor(high / atom.divisor)];
    }
    default:
      return atom satisfies never;
  }
}

/** floor(position / divisor), with whatever the divisor divides taken out of the quotient. */
export function quotientOf(
  position: Position,
  divisor: number,
  sizes: ReadonlyMap<string, number>,
): Position {
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
  const [low, high] = rangeOf(rest, sizes);
  if (low >= 0 && high < divisor) return outside;
  // A lone named position keeps its name: floor(place / 2) rather than the sum behind it.
  return combine([
    [outside, 1],
    [atomPosition({ kind: 'quotient', of: rest, divisor }), 1],
  ]);
}

/** The positions that stand directly in an expression, and those in their atoms. */
export function visitPositions(flat: Flat, visit: (position: Position) => void): void {
  const inside = (position: Position): void => {
    visit(position);
    for (const { atom } of position.terms) {
      if (atom.kind === 'quotient') inside(atom.of);
      if (atom.kind === 'clamped') visitPositions(atom.value, visit);
    }
  };
  switch (flat.kind) {
    case 'number':
      return;
    case 'read':
    case 'position':
    case 'random':
      return inside(flat.position);
    case 'apply':
      return flat.operands.forEach((operand) => visitPositions(operand, visit));
    case 'guard':
      flat.tests.forEach((test) => inside(test.position));
      return visitPositions(flat.value, visit);
    case 'reduce':
      return visitPositions(flat.value, visit);
    default:
      return flat satisfies never;
  }
}

/** Puts positions in the place of axes; `axes` gives what a reduction then runs over. */
export function substitute(
  flat: Flat,
  replacements: ReadonlyMap<string, Position>,
  axes: (axes: readonly Axis[]) => readonly Axis[] = (same) => same,
): Flat {
  const inner = (each: Flat) => substitute(each, replacements, axes);
  const at = (position: Position) => substitutePosition(position, replacements, axes);
  switch (flat.kind) {
    case 'number':
      return flat;
    case 'read':
    case 'position':
    case 'random':
      return { ...flat, position: at(flat.position) };
    case 'apply':
      return { ...flat, operands: flat.operands.map(inner) };
    case 'guard':
      return {
        ...flat,
        tests: flat.tests.map((test) => ({ ...test, position: at(test.position) })),
        value: inner(flat.value),
      };
    case 'reduce':
      return { ...flat, axes: axes(flat.axes), value: inner(flat.value) };
    default:
      return flat satisfies never;
  }
}

function substitutePosition(
  position: Position,
  replacements: ReadonlyMap<string, Position>,
  axes: (axes: readonly Axis[]) => readonly Axis[],
): Position {
  const parts = position.terms.map(({ atom, factor }): readonly [Position, number] => {
    switch (atom.kind) {
      case 'axis':
        return [replacements.get(atom.axis) ?? axisPosition(atom.axis), factor];
      case 'quotient':
        return [atomPosition({ ...atom, of: substitutePosition(atom.of, replacements, axes) }), factor];
      case 'clamped':
        return [atomPosition({ ...atom, value: substitute(atom.value, replacements, axes) }), factor];
      default:
        return atom satisfies never;
    }
  });
  return combine(parts, position.constant);
}
