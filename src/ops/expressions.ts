// Short constructors for kernel expressions, for the primitives' lowerings.
import type { Axis, Condition, Expression, Index, Reducer, ScalarFunction } from '../ir/stages/type.ts';

/** An axis as an index. */
export function at(axis: Axis): Index {
  return { constant: 0, terms: [{ axis: axis.id, factor: 1 }], divisor: 1 };
}

/** constant + Σ factor·axis */
export function affine(constant: number, ...terms: readonly (readonly [Axis, number])[]): Index {
  return {
    constant,
    terms: terms.filter(([, factor]) => factor !== 0).map(([axis, factor]) => ({ axis: axis.id, factor })),
    divisor: 1,
  };
}

/** floor(index / divisor) */
export function quotient(index: Index, divisor: number): Index {
  return { ...index, divisor: index.divisor * divisor };
}

/** The row-major position of the axes in a tensor that has exactly those axes. */
export function flatten(axes: readonly Axis[]): Index {
  let stride = 1;
  const terms = axes.toReversed().map((axis) => {
    const term = { axis: axis.id, factor: stride };
    stride *= axis.size;
    return term;
  });
  return { constant: 0, terms: terms.toReversed(), divisor: 1 };
}

export function number(value: number): Expression {
  return { kind: 'number', value };
}

export function position(index: Index): Expression {
  return { kind: 'position', index };
}

export function apply(fn: ScalarFunction, ...operands: readonly Expression[]): Expression {
  return { kind: 'apply', function: fn, operands };
}

export function guard(conditions: readonly Condition[], value: Expression, otherwise = 0): Expression {
  return conditions.length === 0 ? value : { kind: 'guard', conditions, value, otherwise };
}

export function inside(index: Index, limit: number): Condition {
  return { kind: 'inside', index, limit };
}

export function divisible(index: Index, modulus: number): Condition {
  return { kind: 'divisible', index, modulus };
}

export function reduce(reducer: Reducer, axes: readonly Axis[], value: Expression): Expression {
  return axes.length === 0 && reducer !== 'argmax' ? value : { kind: 'reduce', reducer, axes, value };
}
