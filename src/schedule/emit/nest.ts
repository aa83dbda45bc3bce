// Loop nests over axes, and axis values from a flat position.
import type { Axis } from '../../ir/stages/type.ts';
import { integer } from '../../ir/loops/type.ts';
import { constantItem, type Item, type LoopBuilder } from './builder.ts';

/** Loops over the axes, the last innermost. */
export function nest(builder: LoopBuilder, axes: readonly Axis[], body: () => void): void {
  const [axis, ...others] = axes;
  if (!axis) {
    body();
    return;
  }
  if (axis.size === 1) {
    builder.bindConstant(axis.id, 0);
    nest(builder, others, body);
    return;
  }
  builder.loop(axis.hint ?? 'k', integer(0), integer(axis.size), 1, (position) => {
    builder.bind(axis.id, position);
    nest(builder, others, body);
  });
}

/** A fully unrolled nest: the body once per combination of the axes' values, which are bound as constants. */
export function unroll(builder: LoopBuilder, axes: readonly Axis[], body: () => void): void {
  eachPlace(axes, (place) => {
    for (const [axis, at] of place) builder.bindConstant(axis, at);
    body();
  });
}

function eachPlace(
  axes: readonly Axis[],
  visit: (place: readonly (readonly [axis: string, at: number])[]) => void,
): void {
  const [axis, ...others] = axes;
  if (!axis) {
    visit([]);
    return;
  }
  for (let at = 0; at < axis.size; at++) eachPlace(others, (place) => visit([[axis.id, at], ...place]));
}

/** Binds the axes to their values at the row-major position. */
export function bindPosition(builder: LoopBuilder, position: Item, axes: readonly Axis[]): void {
  for (const [axis, item] of axesAt(builder, position, axes)) builder.bind(axis, item);
}

/** The axes' values at the row-major position, the last axis first. */
export function axesAt(
  builder: LoopBuilder,
  position: Item,
  axes: readonly Axis[],
): (readonly [axis: string, item: Item])[] {
  let left = position;
  return axes.toReversed().map((axis, i) => {
    if (i === axes.length - 1) return [axis.id, left];
    const [at, rest] = divide(builder, left, axis.size, [axis.hint ?? 'i', 'rest']);
    left = rest;
    return [axis.id, at];
  });
}

/** Remainder and quotient, under these names. */
export function divide(
  builder: LoopBuilder,
  item: Item,
  divisor: number,
  [remainder, quotient]: readonly [remainder: string, quotient: string],
): readonly [remainder: Item, quotient: Item] {
  const by = constantItem(divisor);
  return [
    builder.let(builder.arithmetic('remainder', item, by), remainder),
    builder.let(builder.arithmetic('quotient', item, by), quotient),
  ];
}
