// Simplifies a kernel's body without changing its value: indices in normal form, conditions that always hold dropped, constants folded,
// arithmetic of positions made one index, reduction axes that nothing depends on dropped. Fusion runs it after each substitution.
import type { Condition, Expression, Index, MapKernel, ScalarFunction } from '../../ir/stages/type.ts';
import { alwaysHolds, neverHolds, sizesOf, type Sizes } from '../../ir/stages/index-range.ts';
import { scalar } from '../../ir/scalar.ts';
import {
  mapOperands,
  outerScope,
  innerScope,
  visitExpressions,
  elementsOf,
  type Scope,
} from '../../ir/stages/walk.ts';
import { apply, guard, number, position, reduce } from '../../ops/expressions.ts';
import { greatestCommonDivisor, normalIndex } from '../index-algebra.ts';

export function simplifyKernel(kernel: MapKernel): MapKernel {
  return { ...kernel, body: simplify(kernel.body, outerScope(kernel.axes)) };
}

function simplify(expression: Expression, scope: Scope): Expression {
  const sizes = sizesOf(scope.axes);
  const own =
    expression.kind === 'guard' ? simplifyGuardConditions(expression, sizes, scope.conditions) : expression;
  if (own.kind === 'number') return own;
  const inner = innerScope(own, scope);
  const simpler = mapOperands(
    own,
    (operand) => simplify(operand, inner),
    (index) => normalIndex(index, sizes, scope.conditions),
  );
  switch (simpler.kind) {
    case 'position':
      return simpler.index.terms.length === 0 ? number(valueOf(simpler.index)) : simpler;
    case 'apply':
      return simplifyApply(simpler.function, simpler.operands);
    case 'guard':
      return simplifyGuard(simpler);
    case 'reduce':
      return simplifyReduction(simpler);
    default:
      return simpler;
  }
}

function valueOf({ constant, divisor }: Index): number {
  return Math.floor(constant / divisor);
}

/** Drops the conditions that always hold; gives the number `otherwise` where one never holds. */
function simplifyGuardConditions(
  { conditions, value, otherwise }: Expression & { kind: 'guard' },
  sizes: Sizes,
  outer: readonly Condition[],
): Expression {
  const normal = conditions.map((condition) => normalCondition(condition, sizes));
  if (normal.some((condition) => neverHolds(condition, sizes, outer))) return number(otherwise);
  let kept = normal;
  for (const condition of normal) {
    const others = kept.filter((other) => other !== condition);
    if (alwaysHolds(condition, sizes, [...outer, ...others])) kept = others;
  }
  return { kind: 'guard', conditions: kept, value, otherwise };
}

/** Conditions with the common factor divided out: 0 ≤ (2·i − 3) / 2 < 5 is 0 ≤ i − 2 < 5, and 4 | 2·i + 2 is 2 | i + 1. */
function normalCondition(condition: Condition, sizes: Sizes): Condition {
  const { constant, terms, divisor } = normalIndex(condition.index, sizes, []);
  const common = terms.reduce((known, term) => greatestCommonDivisor(known, term.factor), 0);
  const form = terms.map(({ axis, factor }) => ({ axis, factor: factor / common }));
  if (condition.kind === 'inside') {
    if (common === 0) return condition;
    const lowest = Math.floor(constant / common);
    const limit = lowest + Math.floor((condition.limit * divisor - 1 - constant) / common) + 1;
    return { kind: 'inside', index: { constant: lowest, terms: form, divisor: 1 }, limit };
  }
  const shared = greatestCommonDivisor(common, condition.modulus);
  if (constant % shared !== 0) return { ...condition, index: { constant, terms, divisor } };
  const scaled = terms.map(({ axis, factor }) => ({ axis, factor: factor / shared }));
  const index = { constant: constant / shared, terms: scaled, divisor };
  return { kind: 'divisible', index, modulus: condition.modulus / shared };
}

function simplifyGuard({ conditions, value, otherwise }: Expression & { kind: 'guard' }): Expression {
  if (value.kind === 'number' && value.value === otherwise) return value;
  if (value.kind === 'guard' && value.otherwise === otherwise) {
    return guard([...conditions, ...value.conditions], value.value, otherwise);
  }
  return guard(conditions, value, otherwise);
}

function simplifyReduction({ reducer, axes, value }: Expression & { kind: 'reduce' }): Expression {
  if (reducer === 'argmax') {
    const kept = axes.filter((axis) => axis.size > 1);
    return kept.length === 0 ? number(0) : reduce(reducer, kept, value);
  }
  const used = axesIn(value);
  const kept = axes.filter((axis) => used.has(axis.id));
  const times = elementsOf(axes.filter((axis) => !used.has(axis.id)));
  const rest = reduce(reducer, kept, value);
  return reducer === 'max' || times === 1 ? rest : simplifyApply('multiply', [rest, number(times)]);
}

/** The axes that an expression's value depends on (a normal form mentions none of size one). */
function axesIn(expression: Expression): ReadonlySet<string> {
  const axes = new Set<string>();
  const note = (index: Index) => {
    for (const { axis } of index.terms) axes.add(axis);
  };
  visitExpressions(expression, outerScope([]), (each) => {
    if (each.kind === 'position' || each.kind === 'random') note(each.index);
    if (each.kind === 'read') for (const index of each.index) if (!('kind' in index)) note(index);
    if (each.kind === 'guard') for (const condition of each.conditions) note(condition.index);
  });
  return axes;
}

function simplifyApply(fn: ScalarFunction, operands: readonly Expression[]): Expression {
  const numbers = operands.flatMap((operand) => (operand.kind === 'number' ? operand.value : []));
  const [x = NaN, y = NaN, z = NaN] = numbers;
  if (numbers.length === operands.length) return number(scalar[fn](x, y, z));
  const [a, b, c] = operands;
  const is = (operand: Expression | undefined, value: number) =>
    operand?.kind === 'number' && operand.value === value;
  if (fn === 'select' && a?.kind === 'number') return (a.value !== 0 ? b : c) ?? apply(fn, ...operands);
  if (!a || !b) return apply(fn, ...operands);
  if (fn === 'add' && is(a, 0)) return b;
  if (fn === 'multiply' && is(a, 1)) return b;
  if ((fn === 'add' || fn === 'subtract') && is(b, 0)) return a;
  if ((fn === 'multiply' || fn === 'divide') && is(b, 1)) return a;
  return positionArithmetic(fn, a, b) ?? apply(fn, ...operands);
}

/** A sum of positions, or an integer multiple of one, as one position. */
function positionArithmetic(fn: ScalarFunction, a: Expression, b: Expression): Expression | undefined {
  const [left, right] = [affinePosition(a), affinePosition(b)];
  if (!left || !right) return undefined;
  switch (fn) {
    case 'add':
      return position(combine(left, 1, right, 1));
    case 'subtract':
      return position(combine(left, 1, right, -1));
    case 'multiply':
      if (right.terms.length === 0) return position(combine(left, right.constant, right, 0));
      return left.terms.length === 0 ? position(combine(right, left.constant, left, 0)) : undefined;
    default:
      return undefined;
  }
}

function affinePosition(expression: Expression): Index | undefined {
  if (expression.kind === 'position') return expression.index.divisor === 1 ? expression.index : undefined;
  if (expression.kind !== 'number' || !Number.isInteger(expression.value)) return undefined;
  return { constant: expression.value, terms: [], divisor: 1 };
}

function combine(a: Index, times: number, b: Index, others: number): Index {
  const factors = new Map<string, number>();
  for (const { axis, factor } of a.terms) factors.set(axis, times * factor);
  for (const { axis, factor } of b.terms) factors.set(axis, (factors.get(axis) ?? 0) + others * factor);
  return {
    constant: times * a.constant + others * b.constant,
    terms: [...factors].flatMap(([axis, factor]) => (factor === 0 ? [] : { axis, factor })),
    divisor: 1,
  };
}
