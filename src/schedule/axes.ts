// Axes of a group of kernels that share a domain: renamed alike, merged where every address steps through them as through one,
// and weighed as candidates for the lanes.
import type { Axis } from '../ir/stages/type.ts';
import {
  addSums,
  mapAddress,
  mapSums,
  nodesOf,
  sumsOf,
  type Formula,
  type Point,
  type Sum,
} from '../ir/formula.ts';

/** The point over other axes of the same sizes. */
export function renamePoint(point: Point, axes: readonly Axis[]): Point {
  const names = new Map(point.axes.map((axis, i) => [axis.id, axes[i]?.id ?? axis.id]));
  const change = (sum: Sum): Sum => ({
    constant: sum.constant,
    terms: new Map([...sum.terms].map(([axis, factor]) => [names.get(axis) ?? axis, factor])),
  });
  return {
    ...point,
    axes,
    output: mapAddress(point.output, change),
    formula: mapSums(point.formula, change),
  };
}

/** The sum with an axis replaced by another sum. */
export function substitute(sum: Sum, axis: string, by: Sum): Sum {
  const factor = sum.terms.get(axis);
  if (factor === undefined) return sum;
  const terms = new Map(sum.terms);
  terms.delete(axis);
  return addSums({ constant: sum.constant, terms }, by, factor);
}

/** The formula where the axis is so much further on. */
export function shifted(formula: Formula, axis: Axis, by: number): Formula {
  return mapSums(formula, (sum) => ({ ...sum, constant: sum.constant + by * (sum.terms.get(axis.id) ?? 0) }));
}

/** How far apart successive values of an axis are read, at most. */
export function longestStep(formula: Formula, axis: Axis): number {
  let longest = 0;
  for (const node of nodesOf(formula)) {
    if (node.kind !== 'read') continue;
    const { affine, quotients } = node.address;
    const steps = [
      affine.terms.get(axis.id) ?? 0,
      ...quotients.map(({ sum, divisor, scale }) => ((sum.terms.get(axis.id) ?? 0) * scale) / divisor),
    ];
    longest = Math.max(longest, ...steps.map(Math.abs));
  }
  return longest;
}

export interface Merging {
  readonly axes: readonly Axis[];
  /** Rewrites a sum over the old axes. */
  readonly change: (sum: Sum) => Sum;
}

/** Merges neighbors among the axes wherever all sums step through both as through one axis; drops axes of size one. */
export function mergeAxes(axes: readonly Axis[], sums: readonly Sum[]): Merging {
  const changes: ((sum: Sum) => Sum)[] = [];
  let present = [...sums];
  const apply = (change: (sum: Sum) => Sum) => {
    changes.push(change);
    present = present.map(change);
  };
  const merged: Axis[] = [];
  for (const axis of axes) {
    if (axis.size === 1) {
      apply((sum) => substitute(sum, axis.id, { constant: 0, terms: new Map() }));
      continue;
    }
    const before = merged.at(-1);
    const fits = (sum: Sum) =>
      (sum.terms.get(before?.id ?? '') ?? 0) === (sum.terms.get(axis.id) ?? 0) * axis.size;
    if (!before || !present.every(fits)) {
      merged.push(axis);
      continue;
    }
    const whole: Axis = {
      id: `${before.id}·${axis.id}`,
      size: before.size * axis.size,
      hint: axis.hint ?? 'i',
    };
    merged[merged.length - 1] = whole;
    const outer = before.id;
    apply((sum) => {
      const factor = sum.terms.get(axis.id) ?? 0;
      const terms = new Map(sum.terms);
      terms.delete(outer);
      terms.delete(axis.id);
      if (factor !== 0) terms.set(whole.id, factor);
      return { constant: sum.constant, terms };
    });
  }
  return { axes: merged, change: (sum) => changes.reduce((result, change) => change(result), sum) };
}

/** Merges the axes of every reduction in a formula as far as its own sums allow. */
export function mergeReductions(formula: Formula): Formula {
  switch (formula.kind) {
    case 'apply':
      return { ...formula, operands: formula.operands.map(mergeReductions) };
    case 'guard':
      return { ...formula, value: mergeReductions(formula.value) };
    case 'reduce': {
      const value = mergeReductions(formula.value);
      const { axes, change } = mergeAxes(formula.axes, sumsOf(value));
      return { ...formula, axes, value: mapSums(value, change) };
    }
    default:
      return formula;
  }
}
