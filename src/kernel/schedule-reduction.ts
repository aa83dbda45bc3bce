// Reductions inside a kernel: written out where they are short, else a loop, with the lanes along the outputs or along the
// reduction itself.
import type { Axis, Reducer } from '../ir/kernel.ts';
import type { Item } from './schedule-builder.ts';
import { mapSums, sumsOf, type Formula } from './schedule-formula.ts';
import { convert, laneIntegers, toIntegers, type ExpressionContext } from './schedule-indices.ts';
import { integer, number, type Value } from './schedule-loops.ts';

/** Reductions of few elements are written out. */
const unrolled = 9;

export function emitReduce(
  context: ExpressionContext,
  reducer: Reducer,
  axes: readonly Axis[],
  value: Formula,
): Item {
  for (const axis of axes) context.sizes.set(axis.id, axis.size);
  const count = axes.reduce((product, axis) => product * axis.size, 1);
  if (reducer === 'argmax') return emitArgmax(context, axes, value, count);
  const along = context.along === undefined && count > unrolled ? laneAxis(context, axes, value) : undefined;
  return along
    ? reduceAlong(context, reducer, axes, value, along)
    : reduceOver(context, reducer, axes, value, count);
}

const startOf = (reducer: 'sum' | 'max'): Value => number(reducer === 'sum' ? 0 : -Infinity);

function combine(reducer: 'sum' | 'max', left: Value, right: Value): Value {
  return { kind: 'apply', function: reducer === 'sum' ? 'add' : 'maximum', operands: [left, right] };
}

/** Lanes hold different outputs, or all the same: one accumulator. */
function reduceOver(
  context: ExpressionContext,
  reducer: 'sum' | 'max',
  axes: readonly Axis[],
  value: Formula,
  count: number,
): Item {
  const { builder } = context;
  if (count <= unrolled) {
    let total: Item | undefined;
    eachPlace(axes, (place) => {
      for (const [axis, at] of place) builder.bindConstant(axis, at);
      const item = context.emit(context, value);
      total = total
        ? { value: combine(reducer, total.value, item.value), depth: Math.max(total.depth, item.depth) }
        : item;
    });
    return builder.let(total ?? { value: startOf(reducer), depth: 0 }, reducer === 'sum' ? 'sum' : 'largest');
  }
  const total = builder.mutable(reducer === 'sum' ? 'sum' : 'largest', 'vector', startOf(reducer));
  nest(context, axes, () =>
    builder.assign(total, combine(reducer, total.value, context.emit(context, value).value)),
  );
  return total;
}

/** Lanes hold successive elements of the reduction along one axis; several accumulators hide the addition's latency. */
function reduceAlong(
  context: ExpressionContext,
  reducer: 'sum' | 'max',
  axes: readonly Axis[],
  value: Formula,
  along: Axis,
): Item {
  const { builder, lanes } = context;
  const inner: ExpressionContext = { ...context, along: along.id };
  const copies = along.size >= 8 * lanes ? 4 : 1;
  const totals = Array.from({ length: copies }, () =>
    builder.mutable(reducer === 'sum' ? 'sum' : 'largest', 'vector', startOf(reducer)),
  );
  const others = axes.filter((axis) => axis !== along);
  const shifted = (by: number) =>
    mapSums(value, (sum) => ({ ...sum, constant: sum.constant + by * (sum.terms.get(along.id) ?? 0) }));
  const add = (total: Item | undefined, item: Item) => {
    if (total) builder.assign(total, combine(reducer, total.value, item.value));
  };
  const wide = lanes * copies;
  const ends = [Math.floor(along.size / wide) * wide, Math.floor(along.size / lanes) * lanes] as const;
  nest(inner, others, () => {
    builder.loop(along.hint ?? 'k', integer(0), integer(ends[0]), wide, (position) => {
      builder.bind(along.id, position, wide);
      totals.forEach((total, copy) => add(total, inner.emit(inner, shifted(copy * lanes))));
    });
    if (ends[1] > ends[0]) {
      builder.loop(along.hint ?? 'k', integer(ends[0]), integer(ends[1]), lanes, (position) => {
        builder.bind(along.id, position, lanes);
        add(totals[0], inner.emit(inner, value));
      });
    }
    if (along.size > ends[1]) {
      builder.bindConstant(along.id, ends[1]);
      const item = inner.emit(inner, value);
      const set = Array.from({ length: lanes }, (_, lane) => ends[1] + lane < along.size);
      const masked: Value = {
        kind: 'select',
        mask: { kind: 'lanes', set },
        yes: item.value,
        no: startOf(reducer),
      };
      add(totals[0], { value: masked, depth: item.depth });
    }
  });
  const all = totals.map((total) => total.value).reduce((left, right) => combine(reducer, left, right));
  return builder.let({ value: { kind: 'across', reducer, vector: all }, depth: builder.depth }, 'total');
}

/** The first of equal maxima: a later one must be greater. */
function emitArgmax(context: ExpressionContext, axes: readonly Axis[], value: Formula, count: number): Item {
  const { builder } = context;
  const largest = builder.mutable('largest', 'vector', number(-Infinity));
  const where = builder.mutable('where', 'vector', number(0));
  let stride = 1;
  const terms = new Map<string, number>();
  for (const axis of axes.toReversed()) {
    terms.set(axis.id, stride);
    stride *= axis.size;
  }
  const visit = () => {
    const item = builder.let(context.emit(context, value), 'candidate');
    const position = convert(toIntegers(laneIntegers(context, { constant: 0, terms }, 1)));
    const mask: Value = { kind: 'compare', function: 'less', left: largest.value, right: item.value };
    const greater = builder.mutable('greater', 'mask', mask);
    builder.assign(where, {
      kind: 'select',
      mask: greater.value,
      yes: position.value,
      no: where.value,
    });
    builder.assign(largest, {
      kind: 'select',
      mask: greater.value,
      yes: item.value,
      no: largest.value,
    });
  };
  if (count <= unrolled) {
    eachPlace(axes, (place) => {
      for (const [axis, at] of place) builder.bindConstant(axis, at);
      visit();
    });
  } else nest(context, axes, visit);
  return where;
}

function eachPlace(
  axes: readonly Axis[],
  visit: (place: readonly (readonly [string, number])[]) => void,
): void {
  const [axis, ...others] = axes;
  if (!axis) {
    visit([]);
    return;
  }
  for (let at = 0; at < axis.size; at++) eachPlace(others, (place) => visit([[axis.id, at], ...place]));
}

/** Loops over the axes, the last innermost. */
export function nest(context: ExpressionContext, axes: readonly Axis[], body: () => void): void {
  const [axis, ...others] = axes;
  if (!axis) {
    body();
    return;
  }
  context.sizes.set(axis.id, axis.size);
  if (axis.size === 1) {
    context.builder.bindConstant(axis.id, 0);
    nest(context, others, body);
    return;
  }
  context.builder.loop(axis.hint ?? 'k', integer(0), integer(axis.size), 1, (position) => {
    context.builder.bind(axis.id, position);
    nest(context, others, body);
  });
}

/** The axis of a reduction along which most is read in order. */
function laneAxis(context: ExpressionContext, axes: readonly Axis[], value: Formula): Axis | undefined {
  const steps = (axis: Axis) =>
    sumsOf(value).filter((sum) => Math.abs(sum.terms.get(axis.id) ?? 0) > 1).length;
  const candidates = axes.filter((axis) => axis.size >= context.lanes);
  return candidates.toSorted((a, b) => steps(a) - steps(b) || axes.indexOf(b) - axes.indexOf(a))[0];
}
