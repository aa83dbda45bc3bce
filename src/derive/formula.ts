// Formulas as trees, independent of the graph: every tree knows its shape and can be evaluated. Sums and products are flat, and factors
// common to all terms of a sum are factored out.
import type { Attributes, Shape } from '../ir/graph/type.ts';

/** A position of a scan, from 1, or an offset from the current one. */
export type Position = { readonly at: number } | { readonly step: number };

export type Formula =
  /** An input, a parameter, the output's cotangent, or an earlier line: all of it, or its value at a position. */
  | { readonly kind: 'symbol'; readonly name: string; readonly shape: Shape; readonly position?: Position }
  /** The slice of an array at one position of an axis. */
  | {
      readonly kind: 'row';
      readonly of: Formula;
      readonly axis: number;
      readonly position: Position;
      readonly shape: Shape;
    }
  /** The sum of `body` over the positions from `first` to `last`; its steps are relative to each of them. */
  | {
      readonly kind: 'over';
      readonly body: Formula;
      readonly first: number;
      readonly last: number;
      readonly shape: Shape;
    }
  /** A constant array. */
  | { readonly kind: 'number'; readonly value: number; readonly shape: Shape }
  | { readonly kind: 'sum'; readonly terms: readonly Formula[]; readonly shape: Shape }
  /** coefficient · factors / divisors, element by element */
  | Product
  | Applied;

/** A primitive of src/ops. */
export interface Applied {
  readonly kind: 'apply';
  readonly operation: string;
  readonly operands: readonly Formula[];
  readonly attributes: Attributes;
  readonly shape: Shape;
}

export interface Product {
  readonly kind: 'product';
  readonly coefficient: number;
  readonly factors: readonly Formula[];
  readonly divisors: readonly Formula[];
  readonly shape: Shape;
}

export function symbol(name: string, shape: Shape, at?: number): Formula {
  return { kind: 'symbol', name, shape, ...(at !== undefined && { position: { at } }) };
}

export function number(value: number, shape: Shape): Formula {
  return { kind: 'number', value, shape };
}

export function apply(
  operation: string,
  operands: readonly Formula[],
  attributes: Attributes,
  shape: Shape,
): Formula {
  return { kind: 'apply', operation, operands, attributes, shape };
}

/** An attribute that is a list; empty if it is absent. */
export function listOf({ attributes }: Pick<Applied, 'attributes'>, name: string): readonly number[] {
  const value = attributes[name];
  return Array.isArray(value) ? (value as readonly number[]) : [];
}

/** Equal for equal formulas. */
export function keyOf(formula: Formula): string {
  return JSON.stringify(formula);
}

/** A formula as a product, for multiplication and comparison. */
export function asProduct(formula: Formula): Product {
  if (formula.kind === 'product') return formula;
  const { shape } = formula;
  if (formula.kind === 'number')
    return { kind: 'product', coefficient: formula.value, factors: [], divisors: [], shape };
  return { kind: 'product', coefficient: 1, factors: [formula], divisors: [], shape };
}

/** The quotient of two products, reduced by their common factors. */
export function product(shape: Shape, over: readonly Formula[], under: readonly Formula[] = []): Formula {
  const [above, below] = [over.map(asProduct), under.map(asProduct)];
  let coefficient = 1;
  for (const part of above) coefficient *= part.coefficient;
  for (const part of below) coefficient /= part.coefficient;
  const factors = [...above.flatMap((part) => part.factors), ...below.flatMap((part) => part.divisors)];
  const divisors = [...above.flatMap((part) => part.divisors), ...below.flatMap((part) => part.factors)];
  const rest: Formula[] = [];
  for (const divisor of divisors) {
    const at = factors.findIndex((factor) => keyOf(factor) === keyOf(divisor));
    if (at >= 0) factors.splice(at, 1);
    else rest.push(divisor);
  }
  return finishProduct({ kind: 'product', coefficient, factors, divisors: rest, shape });
}

function finishProduct(found: Product): Formula {
  const { coefficient, factors, divisors, shape } = found;
  if (coefficient === 0) return number(0, shape);
  if (factors.length === 0 && divisors.length === 0) return number(coefficient, shape);
  const [only] = factors;
  if (coefficient === 1 && factors.length === 1 && divisors.length === 0 && only) return only;
  return found;
}

export function negate(formula: Formula): Formula {
  if (formula.kind === 'sum') return { ...formula, terms: formula.terms.map(negate) };
  const { coefficient, ...rest } = asProduct(formula);
  return finishProduct({ ...rest, coefficient: -coefficient });
}

/** A flat sum; equal terms are merged, and factors common to all terms are factored out. */
export function sum(shape: Shape, given: readonly Formula[]): Formula {
  const terms = given.flatMap((term) => (term.kind === 'sum' ? term.terms : [term]));
  const counted = new Map<string, Product>();
  for (const term of terms.map(asProduct)) {
    const key = keyOf({ ...term, coefficient: 1 });
    const known = counted.get(key);
    counted.set(key, { ...term, coefficient: term.coefficient + (known?.coefficient ?? 0) });
  }
  const products = [...counted.values()].filter(({ coefficient }) => coefficient !== 0);
  const [first, ...others] = products;
  if (!first) return number(0, shape);
  if (others.length === 0) return finishProduct(first);
  const sharedFactors = common(products.map(({ factors }) => factors));
  const sharedDivisors = common(products.map(({ divisors }) => divisors));
  if (sharedFactors.length === 0 && sharedDivisors.length === 0)
    return { kind: 'sum', terms: products.map(finishProduct), shape };
  const inner = sum(
    shape,
    products.map((each) =>
      finishProduct({
        ...each,
        factors: without(each.factors, sharedFactors),
        divisors: without(each.divisors, sharedDivisors),
      }),
    ),
  );
  return product(shape, [...sharedFactors, inner], sharedDivisors);
}

/** The common elements of all lists, with their minimum multiplicity. */
function common([first = [], ...others]: readonly (readonly Formula[])[]): Formula[] {
  return others.reduce<Formula[]>(
    (shared, list) => {
      const left = list.map(keyOf);
      return shared.filter((formula) => {
        const at = left.indexOf(keyOf(formula));
        if (at >= 0) left.splice(at, 1);
        return at >= 0;
      });
    },
    [...first],
  );
}

function without(list: readonly Formula[], removed: readonly Formula[]): Formula[] {
  const left = removed.map(keyOf);
  return list.filter((formula) => {
    const at = left.indexOf(keyOf(formula));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** The length for a reader: the number of symbols and functions. */
export function weigh(formula: Formula): number {
  switch (formula.kind) {
    case 'symbol':
      return 1;
    case 'number':
      return 0;
    case 'row':
      return weigh(formula.of);
    case 'over':
      return 1 + weigh(formula.body);
    case 'sum':
      return formula.terms.reduce((total, term) => total + weigh(term), 0);
    case 'product':
      return [...formula.factors, ...formula.divisors].reduce((total, part) => total + weigh(part), 0);
    case 'apply': {
      const silent = silentOperations.has(formula.operation) ? 0 : 1;
      return formula.operands.reduce((total, operand) => total + weigh(operand), silent);
    }
  }
}

/** Broadcasts and axes of size 1 are not written. */
export const silentOperations: ReadonlySet<string> = new Set(['broadcast', 'reshape']);

/** A formula of the same kind with every part replaced. */
export function mapParts(formula: Formula, change: (part: Formula) => Formula): Formula {
  const { shape } = formula;
  switch (formula.kind) {
    case 'symbol':
    case 'number':
      return formula;
    case 'row':
      return { ...formula, of: change(formula.of) };
    case 'over':
      return { ...formula, body: change(formula.body) };
    case 'sum':
      return sum(shape, formula.terms.map(change));
    case 'product':
      return product(
        shape,
        [number(formula.coefficient, shape), ...formula.factors.map(change)],
        formula.divisors.map(change),
      );
    case 'apply':
      return { ...formula, operands: formula.operands.map(change) };
  }
}

export function partsOf(formula: Formula): readonly Formula[] {
  switch (formula.kind) {
    case 'symbol':
    case 'number':
      return [];
    case 'row':
      return [formula.of];
    case 'over':
      return [formula.body];
    case 'sum':
      return formula.terms;
    case 'product':
      return [...formula.factors, ...formula.divisors];
    case 'apply':
      return formula.operands;
  }
}
