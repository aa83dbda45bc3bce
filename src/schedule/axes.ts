// Axes of a group of kernels that share a domain: renamed alike, merged where every address steps through them as through one,
// and weighed as candidates for the lanes.
import type { Axis } from '../ir/stages/type.ts';
import { dear } from './emit/expression.ts';
import {
  addSums,
  axesOf,
  mapAddress,
  mapSums,
  sumsOf,
  type Address,
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

/** What one element costs, in instructions, with the lanes along an axis (none: one element at a time). */
export function costAlong(formula: Formula, along: string | undefined, lanes: number): number {
  const share = along === undefined ? 1 : 1 / lanes;
  switch (formula.kind) {
    case 'number':
    case 'given':
      return 0;
    case 'read':
      return share * readCost(formula.address, along, lanes);
    case 'position':
      return 2 * share;
    case 'random':
      return 40 * share;
    case 'apply': {
      const own = formula.function in cheapFunctions || !dear.has(formula.function as never) ? 1 : 12;
      return own * share + sumOver(formula.operands, (operand) => costAlong(operand, along, lanes));
    }
    case 'guard':
      return formula.conditions.length * share + costAlong(formula.value, along, lanes);
    case 'reduce': {
      const count = formula.axes.reduce((product, axis) => product * axis.size, 1);
      const plain = count * (costAlong(formula.value, along, lanes) + share);
      if (along !== undefined || formula.reducer === 'argmax' || count <= 9) return plain;
      const inner = formula.axes
        .filter((axis) => axis.size >= lanes)
        .map((axis) => count * (costAlong(formula.value, axis.id, lanes) + 1 / lanes) + 3 * lanes);
      return Math.min(plain, ...inner);
    }
  }
}

const cheapFunctions: { readonly [name: string]: true } = { divide: true, sqrt: true };

function readCost(address: Address, along: string | undefined, lanes: number): number {
  if (along === undefined) return 1;
  if (address.lookups.some(({ value }) => axesOf(value).has(along))) return 3 * lanes;
  const quotient = address.quotients.some(({ sum }) => sum.terms.has(along));
  const step = Math.abs(address.affine.terms.get(along) ?? 0);
  if (quotient) return step === 0 ? 2 : 2 * lanes;
  return step <= 1 ? 1 : step === 2 ? 2 : 1.5 * lanes;
}

function sumOver<T>(items: readonly T[], cost: (item: T) => number): number {
  return items.reduce((total, item) => total + cost(item), 0);
}

/** What storing one element costs. */
export function storeCost(output: Address, along: string | undefined, lanes: number): number {
  if (along === undefined) return 1;
  return (output.affine.terms.get(along) ?? 0) === 1 ? 1 / lanes : 1;
}
