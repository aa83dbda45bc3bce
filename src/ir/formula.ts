// A kernel's expression with every read turned into one linear address: what the scheduler works on. Axes can be merged,
// split and bound here without knowing the shape of any buffer. `given` stands for a value that the schedule computes itself
// (a contraction's sum).
import type {
  Axis,
  BufferId,
  Expression,
  Index,
  Kernel,
  KernelProgram,
  Reducer,
  ScalarFunction,
} from './stages/type.ts';

/** constant + Σ factor·axis */
export interface Sum {
  readonly constant: number;
  readonly terms: ReadonlyMap<string, number>;
}

/** scale · floor(sum / divisor) */
export interface Quotient {
  readonly sum: Sum;
  readonly divisor: number;
  readonly scale: number;
}

/** scale · value, the value clamped to 0 … size − 1 */
export interface Lookup {
  readonly value: Formula;
  readonly size: number;
  readonly scale: number;
}

export interface Address {
  readonly buffer: BufferId;
  readonly affine: Sum;
  readonly quotients: readonly Quotient[];
  readonly lookups: readonly Lookup[];
}

export type GuardCondition =
  | { readonly kind: 'inside'; readonly sum: Sum; readonly divisor: number; readonly limit: number }
  | { readonly kind: 'divisible'; readonly sum: Sum; readonly modulus: number };

export type Formula =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'read'; readonly address: Address }
  | { readonly kind: 'position'; readonly sum: Sum; readonly divisor: number }
  | { readonly kind: 'apply'; readonly function: ScalarFunction; readonly operands: readonly Formula[] }
  | {
      readonly kind: 'guard';
      readonly conditions: readonly GuardCondition[];
      readonly value: Formula;
      readonly otherwise: number;
    }
  | {
      readonly kind: 'reduce';
      readonly reducer: Reducer;
      readonly axes: readonly Axis[];
      readonly value: Formula;
      /** Decided by the schedule; absent until then. */
      readonly loops?: ReductionLoops;
    }
  | {
      readonly kind: 'random';
      readonly key: BufferId;
      readonly site: number;
      readonly sum: Sum;
      readonly divisor: number;
    }
  | { readonly kind: 'given'; readonly name: string };

/**
 * How a reduction runs. `unrolled`: straight-line code. `serial`: scalar steps over the axes, every lane an output of its own (or
 * all lanes the same). `vector`: the lanes run along one of the reduction's axes and are combined at the end. Several
 * accumulators hide the latency of an addition.
 */
export type ReductionLoops =
  | { readonly kind: 'unrolled' }
  | { readonly kind: 'serial'; readonly accumulators: number }
  | { readonly kind: 'vector'; readonly axis: Axis; readonly accumulators: number };

/** One kernel as the scheduler sees it: output[address] = formula, over the axes. */
export interface Point {
  readonly kernel: Kernel;
  readonly axes: readonly Axis[];
  readonly output: Address;
  readonly formula: Formula;
}

export class Buffers {
  private readonly byId: ReadonlyMap<BufferId, KernelProgram['buffers'][number]>;

  constructor(program: KernelProgram) {
    this.byId = new Map(program.buffers.map((buffer) => [buffer.id, buffer]));
  }

  get(id: BufferId): KernelProgram['buffers'][number] {
    const found = this.byId.get(id);
    if (!found) throw new Error(`no buffer ${id}`);
    return found;
  }

  /** The buffer that owns the storage. */
  owner(id: BufferId): BufferId {
    return this.get(id).alias ?? id;
  }

  elements(id: BufferId): number {
    return this.get(id).shape.reduce((product, size) => product * size, 1);
  }

  address(id: BufferId, index: readonly (Index | Expression)[]): Address {
    const { shape } = this.get(id);
    let affine: Sum = { constant: 0, terms: new Map() };
    const quotients: Quotient[] = [];
    const lookups: Lookup[] = [];
    let stride = 1;
    for (let i = shape.length - 1; i >= 0; i--) {
      const part = index[i];
      const size = shape[i] ?? 1;
      if (!part) throw new Error(`a read of ${this.get(id).name} lacks an index`);
      if ('kind' in part) lookups.push({ value: this.formula(part), size, scale: stride });
      else if (part.divisor === 1) affine = addSums(affine, sumOf(part), stride);
      else quotients.push({ sum: sumOf(part), divisor: part.divisor, scale: stride });
      stride *= size;
    }
    return { buffer: this.owner(id), affine, quotients, lookups };
  }

  /** The formula of an epilogue, in which reads of the pseudo-buffer `sum` stand for a contraction's sum. */
  withAccumulator(expression: Expression, sum: BufferId): Formula {
    return this.formula(expression, sum);
  }

  formula(expression: Expression, sum?: BufferId): Formula {
    switch (expression.kind) {
      case 'number':
        return expression;
      case 'read':
        if (expression.buffer === sum) return { kind: 'given', name: 'sum' };
        return { kind: 'read', address: this.address(expression.buffer, expression.index) };
      case 'position':
        return { kind: 'position', sum: sumOf(expression.index), divisor: expression.index.divisor };
      case 'apply':
        return { ...expression, operands: expression.operands.map((operand) => this.formula(operand, sum)) };
      case 'guard':
        return {
          kind: 'guard',
          conditions: expression.conditions.map((condition) =>
            condition.kind === 'inside'
              ? {
                  kind: 'inside',
                  sum: sumOf(condition.index),
                  divisor: condition.index.divisor,
                  limit: condition.limit,
                }
              : { kind: 'divisible', sum: sumOf(condition.index), modulus: condition.modulus },
          ),
          value: this.formula(expression.value, sum),
          otherwise: expression.otherwise,
        };
      case 'reduce':
        return { ...expression, value: this.formula(expression.value, sum) };
      case 'random':
        return {
          kind: 'random',
          key: this.owner(expression.key),
          site: expression.site,
          sum: sumOf(expression.index),
          divisor: expression.index.divisor,
        };
    }
  }
}

export function sumOf(index: Index): Sum {
  const terms = new Map<string, number>();
  for (const { axis, factor } of index.terms) {
    const total = (terms.get(axis) ?? 0) + factor;
    if (total === 0) terms.delete(axis);
    else terms.set(axis, total);
  }
  return { constant: index.constant, terms };
}

/** a + factor · b */
export function addSums(a: Sum, b: Sum, factor = 1): Sum {
  const terms = new Map(a.terms);
  for (const [axis, own] of b.terms) {
    const total = (terms.get(axis) ?? 0) + own * factor;
    if (total === 0) terms.delete(axis);
    else terms.set(axis, total);
  }
  return { constant: a.constant + factor * b.constant, terms };
}

/** Applies `change` to every sum of axes in a formula. */
export function mapSums(formula: Formula, change: (sum: Sum) => Sum): Formula {
  switch (formula.kind) {
    case 'number':
    case 'given':
      return formula;
    case 'read':
      return { kind: 'read', address: mapAddress(formula.address, change) };
    case 'position':
    case 'random':
      return { ...formula, sum: change(formula.sum) };
    case 'apply':
      return { ...formula, operands: formula.operands.map((operand) => mapSums(operand, change)) };
    case 'guard':
      return {
        ...formula,
        conditions: formula.conditions.map((condition) => ({ ...condition, sum: change(condition.sum) })),
        value: mapSums(formula.value, change),
      };
    case 'reduce':
      return { ...formula, value: mapSums(formula.value, change) };
  }
}

export function mapAddress(address: Address, change: (sum: Sum) => Sum): Address {
  return {
    ...address,
    affine: change(address.affine),
    quotients: address.quotients.map((quotient) => ({ ...quotient, sum: change(quotient.sum) })),
    lookups: address.lookups.map((lookup) => ({ ...lookup, value: mapSums(lookup.value, change) })),
  };
}

/** Every node of a formula, itself first, those inside lookups included. */
export function* nodesOf(formula: Formula): Generator<Formula> {
  yield formula;
  switch (formula.kind) {
    case 'read':
      for (const lookup of formula.address.lookups) yield* nodesOf(lookup.value);
      return;
    case 'apply':
      for (const operand of formula.operands) yield* nodesOf(operand);
      return;
    case 'guard':
    case 'reduce':
      yield* nodesOf(formula.value);
  }
}

/** The buffers that a formula reads, aliases resolved. */
export function buffersReadBy(formula: Formula): Set<BufferId> {
  const buffers = new Set<BufferId>();
  for (const node of nodesOf(formula)) {
    if (node.kind === 'read') buffers.add(node.address.buffer);
    if (node.kind === 'random') buffers.add(node.key);
  }
  return buffers;
}

/** An address as text, equal for equal addresses whatever the order of their terms. */
export function addressKey({ buffer, affine, quotients, lookups }: Address): string {
  const divided = quotients.map(({ sum, divisor, scale }) => [sumKey(sum), divisor, scale]);
  const looked = lookups.map(({ value, size, scale }) => [formulaKey(value), size, scale]);
  return JSON.stringify([buffer, sumKey(affine), divided, looked]);
}

function sumKey({ constant, terms }: Sum): unknown {
  return [constant, [...terms].sort(([a], [b]) => (a < b ? -1 : 1))];
}

/** A formula as text. The terms of a sum are sorted, so that JSON tells equal formulas from others. */
function formulaKey(formula: Formula): string {
  return JSON.stringify(formula, (_, value: unknown) =>
    value instanceof Map
      ? [...(value as ReadonlyMap<string, number>)].sort(([a], [b]) => (a < b ? -1 : 1))
      : value,
  );
}

/** Every sum of axes in a formula. */
export function sumsOf(formula: Formula): Sum[] {
  const sums: Sum[] = [];
  mapSums(formula, (sum) => {
    sums.push(sum);
    return sum;
  });
  return sums;
}

/** The axes that a formula's value depends on; a reduction's own are not among them. */
export function axesOf(formula: Formula): Set<string> {
  const axes = new Set(sumsOf(formula).flatMap((sum) => [...sum.terms.keys()]));
  for (const node of nodesOf(formula)) {
    if (node.kind === 'reduce') for (const axis of node.axes) axes.delete(axis.id);
  }
  return axes;
}

export function replaceNode(formula: Formula, node: Formula, by: Formula): Formula {
  if (formula === node) return by;
  switch (formula.kind) {
    case 'apply':
      return { ...formula, operands: formula.operands.map((operand) => replaceNode(operand, node, by)) };
    case 'guard':
    case 'reduce':
      return { ...formula, value: replaceNode(formula.value, node, by) };
    default:
      return formula;
  }
}

/** The least and greatest value of a sum over all values of its axes. */
export function boundsOf(sum: Sum, sizes: ReadonlyMap<string, number>): readonly [number, number] {
  let [low, high] = [sum.constant, sum.constant];
  for (const [axis, factor] of sum.terms) {
    const reach = factor * ((sizes.get(axis) ?? 1) - 1);
    if (reach < 0) low += reach;
    else high += reach;
  }
  return [low, high];
}
