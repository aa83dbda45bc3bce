// Sums of axes as integers of the code: one for all lanes or one a lane, divided and compared. What is known of an axis when the
// code is written (its bounds, a number that divides it) decides how little is left to compute.
import { constantItem, type Item } from './builder.ts';
import type { EmitContext } from './context.ts';
import { boundsOf, type GuardCondition, type Sum } from '../../ir/formula.ts';
import { arithmetic, integer, type Value } from '../../ir/loops/type.ts';

/** An integer in every lane: the same, a known distance from a common one, or each its own. */
export type LaneIntegers =
  | { readonly kind: 'same'; readonly item: Item }
  | { readonly kind: 'pattern'; readonly item: Item; readonly offsets: readonly number[] }
  | { readonly kind: 'each'; readonly items: readonly Item[] };

/** The pointer to an affine place, advanced scope by scope, and what is left of the constant. */
export function pointerTo(context: EmitContext, base: Item, sum: Sum): Item {
  let pointer = base;
  for (const [item, factor] of byDepth(context, sum)) {
    const elements = arithmetic('multiply', item.value, integer(factor));
    const depth = Math.max(pointer.depth, item.depth);
    if (elements.kind === 'integer' && elements.value === 0) continue;
    pointer = { value: { kind: 'advance', pointer: pointer.value, elements }, depth };
    pointer = context.builder.let(pointer, base.value.kind === 'variable' ? `${base.value.name}_at` : 'at');
  }
  return pointer;
}

/** The sum's terms that are not constants, outermost first; `constantOf` adds up the others. */
function byDepth(context: EmitContext, sum: Sum): (readonly [Item, number])[] {
  return [...sum.terms]
    .flatMap(([axis, factor]) => {
      const bound = context.builder.axis(axis);
      return bound.value.kind === 'integer' ? [] : [[bound, factor] as const];
    })
    .sort(([a], [b]) => a.depth - b.depth);
}

export function constantOf(context: EmitContext, sum: Sum): number {
  let total = sum.constant;
  for (const [axis, factor] of sum.terms) {
    const { value } = context.builder.axis(axis);
    if (value.kind === 'integer') total += factor * value.value;
  }
  return total;
}

/** The sum as one integer, its constant included. */
export function integerOf(context: EmitContext, sum: Sum): Item {
  const { builder } = context;
  let total: Item = constantItem(0);
  for (const [item, factor] of byDepth(context, sum)) {
    const term = builder.arithmetic('multiply', item, constantItem(factor));
    total = builder.arithmetic('add', total, term);
    if (total.depth < builder.depth) total = builder.let(total, 'index');
  }
  return builder.arithmetic('add', total, constantItem(constantOf(context, sum)));
}

/** floor(sum / divisor) in every lane. */
export function laneIntegers(context: EmitContext, sum: Sum, divisor: number): LaneIntegers {
  const step = context.along === undefined ? 0 : (sum.terms.get(context.along) ?? 0);
  if (divisor === 1) {
    const item = integerOf(context, sum);
    if (step === 0) return { kind: 'same', item };
    return { kind: 'pattern', item, offsets: laneOffsets(context, step) };
  }
  if (step === 0) return { kind: 'same', item: floorDivide(context, sum, divisor) };
  const residue = residueOf(context, sum, divisor);
  if (residue !== undefined) {
    const base = floorDivide(context, { ...sum, constant: sum.constant - residue }, divisor);
    const offsets = laneOffsets(context, step).map((offset) => Math.floor((residue + offset) / divisor));
    return { kind: 'pattern', item: base, offsets };
  }
  const items = laneOffsets(context, step).map((offset) =>
    floorDivide(context, { ...sum, constant: sum.constant + offset }, divisor),
  );
  return { kind: 'each', items };
}

export function laneOffsets(context: EmitContext, step: number): number[] {
  return Array.from({ length: context.lanes }, (_, lane) => lane * step);
}

/** What the first lane's sum leaves when divided, where that is known when the code is written. */
function residueOf(context: EmitContext, sum: Sum, divisor: number): number | undefined {
  for (const [axis, factor] of sum.terms) {
    const bound = context.builder.axis(axis);
    if (bound.value.kind !== 'integer' && (factor * bound.multiple) % divisor !== 0) return undefined;
  }
  const constant = constantOf(context, sum);
  return ((constant % divisor) + divisor) % divisor;
}

/** Division that rounds down: a sum that may be negative is lifted by a multiple of the divisor first. */
export function floorDivide(context: EmitContext, sum: Sum, divisor: number): Item {
  const { builder } = context;
  const [low] = boundsOf(sum, context.sizes);
  const lift = low < 0 ? Math.ceil(-low / divisor) : 0;
  const lifted = integerOf(context, { ...sum, constant: sum.constant + lift * divisor });
  const quotient = builder.arithmetic('quotient', lifted, constantItem(divisor));
  return builder.let(builder.arithmetic('subtract', quotient, constantItem(lift)), 'quotient');
}

export function toIntegers(lanes: LaneIntegers): Item {
  const depth = lanes.kind === 'each' ? Math.max(...lanes.items.map((item) => item.depth)) : lanes.item.depth;
  if (lanes.kind === 'each')
    return { value: { kind: 'pack', values: lanes.items.map((item) => item.value) }, depth };
  const spread: Value = { kind: 'spread', integer: lanes.item.value };
  if (lanes.kind === 'same') return { value: spread, depth };
  return { value: { kind: 'plus', left: spread, right: { kind: 'sequence', values: lanes.offsets } }, depth };
}

export function holdsAlways(context: EmitContext, condition: GuardCondition): boolean {
  if (condition.kind === 'divisible') return condition.modulus === 1;
  const bound: Sum = {
    constant: constantOf(context, condition.sum),
    terms: new Map(
      [...condition.sum.terms].filter(([axis]) => context.builder.axis(axis).value.kind !== 'integer'),
    ),
  };
  let [low, high] = boundsOf(bound, context.sizes);
  const { along, builder, lanes } = context;
  if (along !== undefined && builder.axis(along).value.kind === 'integer') {
    const reach = (lanes - 1) * stepOf(context, condition.sum);
    [low, high] = [Math.min(low, low + reach), Math.max(high, high + reach)];
  }
  return Math.floor(low / condition.divisor) >= 0 && Math.floor(high / condition.divisor) < condition.limit;
}

export function emitCondition(context: EmitContext, condition: GuardCondition): Item {
  const { builder } = context;
  if (condition.kind === 'inside') {
    const lanes = laneIntegers(context, condition.sum, condition.divisor);
    if (lanes.kind === 'same')
      return builder.arithmetic('unsigned_less', lanes.item, constantItem(condition.limit));
    const integers = toIntegers(lanes);
    return {
      value: { kind: 'inside', integers: integers.value, limit: condition.limit },
      depth: integers.depth,
    };
  }
  const { sum, modulus } = condition;
  const step = stepOf(context, sum);
  const residue = residueOf(context, sum, modulus);
  if (residue !== undefined) {
    const set = laneOffsets(context, step).map((offset) => (residue + offset) % modulus === 0);
    if (set.every((each) => each === set[0])) return constantItem(Number(set[0]));
    return { value: { kind: 'lanes', set }, depth: 0 };
  }
  const remainder = (offset: number): Item => {
    const [low] = boundsOf(sum, context.sizes);
    const lift = Math.max(0, Math.ceil(-(low + Math.min(0, offset)) / modulus)) * modulus;
    const whole = integerOf(context, { ...sum, constant: sum.constant + offset + lift });
    return builder.arithmetic('remainder', whole, constantItem(modulus));
  };
  if (step === 0) return builder.arithmetic('equal', remainder(0), constantItem(0));
  const items = laneOffsets(context, step).map(remainder);
  const integers = toIntegers({ kind: 'each', items });
  return { value: { kind: 'zero', integers: integers.value }, depth: integers.depth };
}

export function stepOf(context: EmitContext, sum: Sum): number {
  return context.along === undefined ? 0 : (sum.terms.get(context.along) ?? 0);
}

/** Integers as floats. */
export function convert(integers: Item): Item {
  return { value: { kind: 'convert', integers: integers.value }, depth: integers.depth };
}
