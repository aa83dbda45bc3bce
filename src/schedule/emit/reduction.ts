// Emits the reductions inside a kernel, as loops or unrolled, as planned.
import type { Axis } from '../../ir/stages/type.ts';
import { rowMajor } from '../../ir/linear/position.ts';
import type { Formula } from '../../ir/linear/type.ts';
import { further, substitute } from '../../ir/linear/walk.ts';
import { integer, number, type Value } from '../../ir/loops/type.ts';
import type { Item } from './builder.ts';
import { withSizes, type EmitContext } from './context.ts';
import { convert, laneIntegers, toIntegers } from './indices.ts';
import { nest, unroll } from './nest.ts';

type Reduce = Formula & { readonly kind: 'reduce' };

/** `emitFormula`, for a reduction's operand; passed in, as expression.ts imports this file. */
type Emit = (context: EmitContext, formula: Formula) => Item;

/** A sum or a maximum being emitted. */
interface Reduction {
  readonly context: EmitContext;
  readonly reducer: 'sum' | 'max';
  readonly axes: readonly Axis[];
  readonly value: Formula;
  readonly emit: Emit;
}

export function emitReduction(outer: EmitContext, formula: Reduce, emit: Emit): Item {
  const { reducer, axes, value, loops } = formula;
  if (!loops) throw new Error('a reduction that was not scheduled');
  const context = withSizes(outer, axes);
  if (reducer === 'argmax') return emitArgmax(context, formula, emit);
  const reduction: Reduction = { context, reducer, axes, value, emit };
  switch (loops.kind) {
    case 'unrolled':
      return reduceUnrolled(reduction);
    case 'serial':
      return reduceSerially(reduction, loops.accumulators);
    case 'vector':
      return reduceVectors(reduction, loops.axis, loops.accumulators);
  }
}

const nameOf = ({ reducer }: Reduction) => (reducer === 'sum' ? 'sum' : 'largest');

const startOf = ({ reducer }: Reduction): Value => number(reducer === 'sum' ? 0 : -Infinity);

function combine({ reducer }: Reduction, left: Value, right: Value): Value {
  return { kind: 'apply', function: reducer === 'sum' ? 'add' : 'maximum', operands: [left, right] };
}

function accumulatorsOf(reduction: Reduction, count: number): readonly Item[] {
  const { builder } = reduction.context;
  return Array.from({ length: count }, () =>
    builder.mutable(nameOf(reduction), 'vector', startOf(reduction)),
  );
}

function accumulate(reduction: Reduction, total: Item | undefined, value: Value): void {
  if (total) reduction.context.builder.assign(total, combine(reduction, total.value, value));
}

function reduceUnrolled(reduction: Reduction): Item {
  const { context, axes, value, emit } = reduction;
  const { builder } = context;
  let total: Item | undefined;
  unroll(builder, axes, () => {
    const item = emit(context, value);
    const depth = Math.max(total?.depth ?? 0, item.depth);
    total = total ? { value: combine(reduction, total.value, item.value), depth } : item;
  });
  return builder.let(total ?? { value: startOf(reduction), depth: 0 }, nameOf(reduction));
}

/** Lanes hold different outputs, or all the same. The innermost loop is unrolled once per accumulator. */
function reduceSerially(reduction: Reduction, count: number): Item {
  const { context, axes, value, emit } = reduction;
  const { builder } = context;
  const totals = accumulatorsOf(reduction, count);
  const [total] = totals;
  if (!total) throw new Error('a reduction without a total');
  const add = (to: Item, part: Formula) => accumulate(reduction, to, emit(context, part).value);
  const innermost = axes.at(-1);
  if (!innermost || count === 1) {
    nest(builder, axes, () => add(total, value));
    return total;
  }
  const end = innermost.size - (innermost.size % count);
  const visit = (from: number, to: number, step: number, body: () => void) =>
    builder.loop(innermost.hint ?? 'k', integer(from), integer(to), step, (position) => {
      builder.bind(innermost.id, position, step);
      body();
    });
  nest(builder, axes.slice(0, -1), () => {
    visit(0, end, count, () =>
      totals.forEach((each, by) => add(each, substitute(value, further(innermost, by)))),
    );
    visit(end, innermost.size, 1, () => add(total, value));
  });
  return builder.let(combinePairs(reduction, totals), nameOf(reduction));
}

/** The accumulators combined as a balanced tree: neighbors first. */
function combinePairs(reduction: Reduction, totals: readonly Item[]): Item {
  let left = totals.map((total) => total.value);
  while (left.length > 1) {
    left = Array.from({ length: Math.ceil(left.length / 2) }, (_, i) => {
      const [a, b] = left.slice(2 * i, 2 * i + 2);
      if (!a) throw new Error('nothing to combine');
      return b ? combine(reduction, a, b) : a;
    });
  }
  return { value: left[0] ?? startOf(reduction), depth: Math.max(0, ...totals.map((total) => total.depth)) };
}

/** Vectorized along one axis of the reduction. */
function reduceVectors(reduction: Reduction, along: Axis, count: number): Item {
  const { builder } = reduction.context;
  const totals = accumulatorsOf(reduction, count);
  nest(
    builder,
    reduction.axes.filter(({ id }) => id !== along.id),
    () => accumulateVectors(reduction, along, totals),
  );
  const all = totals.map((total) => total.value).reduce((left, right) => combine(reduction, left, right));
  const { reducer } = reduction;
  return builder.let(
    { value: { kind: 'reduce_lanes', reducer, vector: all }, depth: builder.depth },
    'total',
  );
}

/** The main loop takes one vector per accumulator; then come the remaining full vectors, then the masked remainder. */
function accumulateVectors(reduction: Reduction, along: Axis, totals: readonly Item[]): void {
  const { value, emit } = reduction;
  const { builder, lanes } = reduction.context;
  const context: EmitContext = { ...reduction.context, along: along.id };
  const [total] = totals;
  const step = lanes * totals.length;
  const end = Math.floor(along.size / step) * step;
  const vectorEnd = Math.floor(along.size / lanes) * lanes;
  builder.vectorLoop(along.hint ?? 'k', integer(0), integer(end), step, (position) => {
    builder.bind(along.id, position, step);
    totals.forEach((each, i) =>
      accumulate(reduction, each, emit(context, substitute(value, further(along, i * lanes))).value),
    );
  });
  if (vectorEnd > end) {
    builder.vectorLoop(along.hint ?? 'k', integer(end), integer(vectorEnd), lanes, (position) => {
      builder.bind(along.id, position, lanes);
      accumulate(reduction, total, emit(context, value).value);
    });
  }
  if (along.size > vectorEnd) {
    builder.bindConstant(along.id, vectorEnd);
    const set = Array.from({ length: lanes }, (_, lane) => vectorEnd + lane < along.size);
    const mask: Value = { kind: 'lanes', set };
    const yes = emit(context, value).value;
    accumulate(reduction, total, { kind: 'select', mask, yes, no: startOf(reduction) });
  }
}

/** The first of equal maxima: a later element must be greater. */
function emitArgmax(context: EmitContext, { axes, value, loops }: Reduce, emit: Emit): Item {
  const { builder } = context;
  const largest = builder.mutable('largest', 'vector', number(-Infinity));
  const where = builder.mutable('where', 'vector', number(0));
  const visit = () => {
    const item = builder.let(emit(context, value), 'candidate');
    const position = convert(toIntegers(laneIntegers(context, rowMajor(axes))));
    const mask: Value = { kind: 'compare', function: 'less', left: largest.value, right: item.value };
    const greater = builder.mutable('greater', 'mask', mask);
    const take = (target: Item, found: Item) =>
      builder.assign(target, { kind: 'select', mask: greater.value, yes: found.value, no: target.value });
    take(where, position);
    take(largest, item);
  };
  if (loops?.kind === 'unrolled') unroll(builder, axes, visit);
  else nest(builder, axes, visit);
  return where;
}
