// Axis merging (collapsing): neighboring axes become one where every position steps through them as through one longer axis.
import type { Axis } from '../stages/type.ts';
import { axisPosition, factorOf, zero } from './position.ts';
import type { Formula, Position } from './type.ts';
import { mapOperands, positionsOf, substitute, type Substitution } from './walk.ts';

export interface Merging {
  readonly axes: readonly Axis[];
  /** Replaces the old axes. */
  readonly by: Substitution;
}

/** The hint of an axis merged from two. */
type Hint = (outer: Axis, inner: Axis) => string;

const innerHint: Hint = (_, inner) => inner.hint ?? 'i';

/** Merges neighbors wherever all positions, quotients' included, allow it; drops axes of size one. */
export function mergeAxes(axes: readonly Axis[], positions: readonly Position[], hint = innerHint): Merging {
  const merged: { whole: Axis; innermost: string }[] = [];
  const by = new Map<string, Position>();
  for (const axis of axes) {
    if (axis.size === 1) {
      by.set(axis.id, zero);
      continue;
    }
    const last = merged.at(-1);
    const fits = (position: Position) =>
      factorOf(position, last?.innermost ?? '') === factorOf(position, axis.id) * axis.size;
    if (!last || !positions.every(fits)) {
      merged.push({ whole: axis, innermost: axis.id });
      continue;
    }
    const { whole } = last;
    by.set(last.innermost, zero);
    last.whole = {
      id: `${whole.id}·${axis.id}`,
      size: whole.size * axis.size,
      hint: hint(whole, axis),
    };
    last.innermost = axis.id;
  }
  for (const { whole, innermost } of merged) {
    if (whole.id !== innermost) by.set(innermost, axisPosition(whole.id));
  }
  return { axes: merged.map(({ whole }) => whole), by };
}

/** The union of the substitutions; no axis is in two of them. */
export function together(...mergings: readonly Merging[]): Substitution {
  return new Map(mergings.flatMap(({ by }) => [...by]));
}

/** Merges the axes of every reduction in a formula as far as its own positions allow; a reduction over no axes is dropped. */
export function mergeReductions(formula: Formula, hint = innerHint): Formula {
  const inner = mapOperands(formula, (part) => mergeReductions(part, hint));
  if (inner.kind !== 'reduce') return inner;
  const { axes, by } = mergeAxes(inner.axes, positionsOf(inner.value), hint);
  const value = by.size === 0 ? inner.value : substitute(inner.value, by);
  if (axes.length > 0) return { ...inner, axes, value };
  return inner.reducer === 'argmax' ? { kind: 'number', value: 0 } : value;
}
