// Reductions inside a kernel: written out where they are short, else a loop, with the lanes along the outputs or along the
// reduction itself.
import type { Axis, Reducer } from '../../ir/stages/type.ts';
import type { Item } from './builder.ts';
import { mapSums, nodesOf, sumsOf, type Formula } from '../../ir/formula.ts';
import { convert, laneIntegers, toIntegers, type ExpressionContext } from './indices.ts';
import { integer, number, type Value } from '../../ir/loops/type.ts';

/** Reductions of few elements are written out. */
export const unrolled = 9;

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
  const [innermost, outer] = [axes.at(-1), axes.slice(0, -1)];
  const copies = innermost && innermost.size >= 4 * interleaved && sizeOf(value) <= 24 ? interleaved : 1;
  const totals = Array.from({ length: copies }, () =>
    builder.mutable(reducer === 'sum' ? 'sum' : 'largest', 'vector', startOf(reducer)),
  );
  const [total] = totals;
  if (!total) throw new Error('a reduction without a total');
  const add = (to: Item, part: Formula) =>
    builder.assign(to, combine(reducer, to.value, context.emit(context, part).value));
  if (!innermost || copies === 1) {
    nest(context, axes, () => add(total, value));
    return total;
  }
  const end = innermost.size - (innermost.size % copies);
  const visit = (from: number, to: number, step: number, body: () => void) =>
    builder.loop(innermost.hint ?? 'k', integer(from), integer(to), step, (position) => {
      builder.bind(innermost.id, position, step);
      body();
    });
  nest(context, outer, () => {
    visit(0, end, copies, () => totals.forEach((each, by) => add(each, shifted(value, innermost, by))));
    visit(end, innermost.size, 1, () => add(total, value));
  });
  return builder.let(combineAll(reducer, totals), reducer === 'sum' ? 'sum' : 'largest');
}

/** Sums that run side by side, as an addition takes as long as several can be begun. */
const interleaved = 4;

function sizeOf(formula: Formula): number {
  return [...nodesOf(formula)].length;
}

function shifted(value: Formula, axis: Axis, by: number): Formula {
  return mapSums(value, (sum) => ({ ...sum, constant: sum.constant + by * (sum.terms.get(axis.id) ?? 0) }));
}

/** In pairs. */
function combineAll(reducer: 'sum' | 'max', totals: readonly Item[]): Item {
  let left = totals.map((total) => total.value);
  while (left.length > 1) {
    left = Array.from({ length: Math.ceil(left.length / 2) }, (_, i) => {
      const [a, b] = left.slice(2 * i, 2 * i + 2);
      if (!a) throw new Error('nothing to combine');
      return b ? combine(reducer, a, b) : a;
    });
  }
  return { value: left[0] ?? startOf(reducer), depth: Math.max(0, ...totals.map((total) => total.depth)) };
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
  const add = (total: Item | undefined, item: Item) => {
    if (total) builder.assign(total, combine(reducer, total.value, item.value));
  };
  const wide = lanes * copies;
  const ends = [Math.floor(along.size / wide) * wide, Math.floor(along.size / lanes) * lanes] as const;
  nest(inner, others, () => {
    builder.loop(along.hint ?? 'k', integer(0), integer(ends[0]), wide, (position) => {
      builder.bind(along.id, position, wide);
      totals.forEach((total, copy) => add(total, inner.emit(inner, shifted(value, along, copy * lanes))));
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
