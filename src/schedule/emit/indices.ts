// Positions as integers of the code: one for all lanes or one per lane, divided and compared. What is known of an axis at compile time
// (its bounds, a divisor) is folded.
import { constantItem, type Item } from './builder.ts';
import type { EmitContext } from './context.ts';
import { asQuotient, factorOf, plus, rangeOf, termsOf } from '../../ir/linear/position.ts';
import type { Condition, Position } from '../../ir/linear/type.ts';
import { arithmetic, integer, type Value } from '../../ir/loops/type.ts';

/** An integer in every lane: the same in all, at constant offsets from a common one, or an arbitrary one in each. */
export type LaneIntegers =
  | { readonly kind: 'same'; readonly item: Item }
  | { readonly kind: 'pattern'; readonly item: Item; readonly offsets: readonly number[] }
  | { readonly kind: 'each'; readonly items: readonly Item[] };

/** The pointer advanced by a position's axes, each in the scope that binds it (hoisted); without the constant, quotients and lookups. */
export function pointerTo(context: EmitContext, base: Item, position: Position): Item {
  let pointer = base;
  // Among axes of one depth, those with short strides first.
  const reversed = { ...position, terms: position.terms.toReversed() };
  for (const [item, factor] of byDepth(context, reversed)) {
    const elements = arithmetic('multiply', item.value, integer(factor));
    const depth = Math.max(pointer.depth, item.depth);
    if (elements.kind === 'integer' && elements.value === 0) continue;
    pointer = { value: { kind: 'advance', pointer: pointer.value, elements }, depth };
    pointer = context.builder.let(pointer, base.value.kind === 'variable' ? `${base.value.name}_at` : 'at');
  }
  return pointer;
}

/** A position's axes that are not constants, outermost first; `constantOf` adds up the others. */
function byDepth(context: EmitContext, position: Position): (readonly [Item, number])[] {
  return termsOf(position, 'axis')
    .flatMap(({ atom, factor }) => {
      const bound = context.builder.axis(atom.axis);
      return bound.value.kind === 'integer' ? [] : [[bound, factor] as const];
    })
    .sort(([a], [b]) => a.depth - b.depth);
}

export function constantOf(context: EmitContext, position: Position): number {
  let total = position.constant;
  for (const { atom, factor } of termsOf(position, 'axis')) {
    const { value } = context.builder.axis(atom.axis);
    if (value.kind === 'integer') total += factor * value.value;
  }
  return total;
}

/** A sum of axes as one integer, its constant included. */
export function integerOf(context: EmitContext, sum: Position): Item {
  const { builder } = context;
  let total: Item = constantItem(0);
  for (const [item, factor] of byDepth(context, sum)) {
    const term = builder.arithmetic('multiply', item, constantItem(factor));
    total = builder.arithmetic('add', total, term);
    if (total.depth < builder.depth) total = builder.let(total, 'index');
  }
  return builder.arithmetic('add', total, constantItem(constantOf(context, sum)));
}

/** A sum of axes, or a quotient of one, in every lane. */
export function laneIntegers(context: EmitContext, position: Position): LaneIntegers {
  const { of: sum, divisor } = asQuotient(position);
  const step = stepOf(context, sum);
  if (divisor === 1) {
    const item = integerOf(context, sum);
    if (step === 0) return { kind: 'same', item };
    return { kind: 'pattern', item, offsets: laneOffsets(context, step) };
  }
  if (step === 0) return { kind: 'same', item: floorDivide(context, sum, divisor) };
  const residue = residueOf(context, sum, divisor);
  if (residue !== undefined) {
    const base = floorDivide(context, plus(sum, -residue), divisor);
    const offsets = laneOffsets(context, step).map((offset) => Math.floor((residue + offset) / divisor));
    return { kind: 'pattern', item: base, offsets };
  }
  const items = laneOffsets(context, step).map((offset) => floorDivide(context, plus(sum, offset), divisor));
  return { kind: 'each', items };
}

export function laneOffsets(context: EmitContext, step: number): number[] {
  return Array.from({ length: context.lanes }, (_, lane) => lane * step);
}

/** The remainder of the first lane's sum modulo the divisor, where it is known at compile time. */
function residueOf(context: EmitContext, sum: Position, divisor: number): number | undefined {
  for (const { atom, factor } of termsOf(sum, 'axis')) {
    const bound = context.builder.axis(atom.axis);
    if (bound.value.kind !== 'integer' && (factor * bound.multiple) % divisor !== 0) return undefined;
  }
  const constant = constantOf(context, sum);
  return ((constant % divisor) + divisor) % divisor;
}

/** Floor division: a multiple of the divisor is added first to a sum that may be negative. */
export function floorDivide(context: EmitContext, sum: Position, divisor: number): Item {
  const { builder } = context;
  const { low } = rangeOf(sum, context.sizes);
  const lift = low < 0 ? Math.ceil(-low / divisor) : 0;
  const lifted = integerOf(context, plus(sum, lift * divisor));
  const quotient = builder.arithmetic('quotient', lifted, constantItem(divisor));
  return builder.let(builder.arithmetic('subtract', quotient, constantItem(lift)), 'quotient');
}

export function toIntegers(lanes: LaneIntegers): Item {
  const depth = lanes.kind === 'each' ? Math.max(...lanes.items.map((item) => item.depth)) : lanes.item.depth;
  if (lanes.kind === 'each')
    return { value: { kind: 'pack', values: lanes.items.map((item) => item.value) }, depth };
  const spread: Value = { kind: 'splat', integer: lanes.item.value };
  if (lanes.kind === 'same') return { value: spread, depth };
  return {
    value: {
      kind: 'lanewise',
      operator: 'add',
      left: spread,
      right: { kind: 'sequence', values: lanes.offsets },
    },
    depth,
  };
}

export function holdsAlways(context: EmitContext, condition: Condition): boolean {
  if (condition.kind === 'divisible') return condition.modulus === 1;
  const { along, builder, lanes, sizes } = context;
  const { of: sum, divisor } = asQuotient(condition.position);
  const isFree = (axis: string) => builder.axis(axis).value.kind !== 'integer';
  const free = termsOf(sum, 'axis').filter(({ atom }) => isFree(atom.axis));
  let { low, high } = rangeOf({ constant: constantOf(context, sum), terms: free }, sizes);
  if (along !== undefined && !isFree(along)) {
    const reach = (lanes - 1) * stepOf(context, sum);
    [low, high] = [Math.min(low, low + reach), Math.max(high, high + reach)];
  }
  return Math.floor(low / divisor) >= 0 && Math.floor(high / divisor) < condition.limit;
}

export function emitCondition(context: EmitContext, condition: Condition): Item {
  const { builder } = context;
  if (condition.kind === 'inside') {
    const lanes = laneIntegers(context, condition.position);
    if (lanes.kind === 'same')
      return builder.arithmetic('unsigned_less', lanes.item, constantItem(condition.limit));
    const integers = toIntegers(lanes);
    return {
      value: { kind: 'inside', integers: integers.value, limit: condition.limit },
      depth: integers.depth,
    };
  }
  const { position: sum, modulus } = condition;
  const step = stepOf(context, sum);
  const residue = residueOf(context, sum, modulus);
  if (residue !== undefined) {
    const set = laneOffsets(context, step).map((offset) => (residue + offset) % modulus === 0);
    if (set.every((each) => each === set[0])) return constantItem(Number(set[0]));
    return { value: { kind: 'lanes', set }, depth: 0 };
  }
  const remainder = (offset: number): Item => {
    const { low } = rangeOf(sum, context.sizes);
    const lift = Math.max(0, Math.ceil(-(low + Math.min(0, offset)) / modulus)) * modulus;
    const dividend = integerOf(context, plus(sum, offset + lift));
    return builder.arithmetic('remainder', dividend, constantItem(modulus));
  };
  if (step === 0) return builder.arithmetic('equal', remainder(0), constantItem(0));
  const items = laneOffsets(context, step).map(remainder);
  const integers = toIntegers({ kind: 'each', items });
  return { value: { kind: 'zero', integers: integers.value }, depth: integers.depth };
}

export function stepOf(context: EmitContext, position: Position): number {
  return context.along === undefined ? 0 : factorOf(position, context.along);
}

/** Integers as floats. */
export function convert(integers: Item): Item {
  return { value: { kind: 'convert', integers: integers.value }, depth: integers.depth };
}
