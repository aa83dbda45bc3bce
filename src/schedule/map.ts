// A group of kernels over one domain, as loops: the axes that every address steps through as one are merged, the lanes run along
// the axis that costs least, and the outermost axes (or stretches of a long one) are the work items that threads share out.
import type { Axis, BufferId } from '../ir/stages/type.ts';
import type { Machine } from './machine/machine.ts';
import { costAlong, mergeAxes, mergeReductions, storeCost } from './axes.ts';
import { constantItem, LoopBuilder, type Item } from './emit/builder.ts';
import { mapAddress, mapSums, sumsOf, type Formula, type Point } from '../ir/formula.ts';
import type { ExpressionContext } from './emit/indices.ts';
import { arithmetic, first, integer, last, type Routine } from '../ir/loops/type.ts';
import { declare, emitPoints, newContext, Parameters } from './emit/points.ts';
import { nest, unrolled } from './emit/reduction.ts';

export interface Scheduled {
  readonly routine: Routine;
  /** The buffers that the routine's pointers point to. */
  readonly buffers: readonly BufferId[];
  /** Work items: any range of them may be run by any thread. */
  readonly items: number;
  /** Roughly, instructions. */
  readonly cost: number;
}

/** Fewer instructions than this are not worth a second thread. */
const worthSharing = 20_000;
/** Elements of a stretch, a work item where the domain is one long axis: at most, and at least, which is a cache line. */
const [longest, shortest] = [2048, 16];
/** Instructions of a stretch, unless it is the longest or the shortest. */
const stretchCost = 10_000;

export function scheduleMap(
  points: readonly Point[],
  needed: ReadonlySet<BufferId>,
  machine: Machine,
): Scheduled {
  const { lanes } = machine;
  const group = mergePoints(points);
  const axes = group[0]?.axes ?? [];
  const cost = (along: string | undefined) =>
    group.reduce(
      (total, { formula, output }) =>
        total + costAlong(formula, along, lanes) + storeCost(output, along, lanes),
      0,
    );
  const along = bestAxis(axes, cost, lanes);
  const elements = axes.reduce((product, axis) => product * axis.size, 1);
  const whole = elements * cost(along?.id);

  const outer = axes.filter((axis) => axis !== along);
  const shared = whole < worthSharing ? [] : itemAxes(outer);
  const nested = outer.filter((axis) => !shared.includes(axis));
  const rows = shared.reduce((product, axis) => product * axis.size, 1);
  const stretch = stretchOf(along ? whole / elements : 0);
  const stretches =
    along && nested.length === 0 && whole >= worthSharing && rows < 32 ? Math.ceil(along.size / stretch) : 1;

  const builder = new LoopBuilder();
  const parameters = new Parameters();
  declare(parameters, group, needed);
  const context = newContext(builder, parameters, lanes);
  for (const axis of axes) context.sizes.set(axis.id, axis.size);
  const domain: Domain = { group, needed, along, stretches, stretch, onlyAxis: axes.length === 1 };

  const items = rows * stretches;
  const run = (item: Item) => {
    const [row, part] = split(builder, item, stretches);
    decompose(builder, row, shared);
    nest(context, nested, () => emitAlong(context, domain, part));
  };
  if (items === 1) builder.when(arithmetic('less', first, last), () => run(constantItem(0)));
  else builder.loop('item', first, last, 1, run);
  return {
    routine: { parameters: parameters.buffers.length, body: builder.body, scratch: 0 },
    buffers: parameters.buffers,
    items,
    cost: whole,
  };
}

interface Domain {
  readonly group: readonly Point[];
  readonly needed: ReadonlySet<BufferId>;
  readonly along: Axis | undefined;
  readonly stretches: number;
  /** Elements of a stretch. */
  readonly stretch: number;
  /** The lanes' axis is the whole domain: what is stored past its end falls into the buffer's padding. */
  readonly onlyAxis: boolean;
}

function emitAlong(context: ExpressionContext, domain: Domain, part: Item): void {
  const { group, needed, along, stretches, stretch } = domain;
  const { builder, lanes } = context;
  if (!along) {
    emitPoints(context, group, needed);
    return;
  }
  const inner: ExpressionContext = { ...context, along: along.id };
  const dense = group.every(({ output }) => output.affine.terms.get(along.id) === 1);
  const padded = domain.onlyAxis && dense ? Math.ceil(along.size / lanes) * lanes : along.size;
  const end = padded - (padded % lanes);
  const vectors = (from: ReturnType<typeof integer>, to: ReturnType<typeof integer>) =>
    builder.loop(along.hint ?? 'i', from, to, lanes, (position) => {
      builder.bind(along.id, position, lanes);
      emitPoints(inner, group, needed);
    });
  const tail = () => {
    if (padded === end) return;
    builder.bind(along.id, constantItem(end), lanes);
    emitPoints(inner, group, needed, integer(padded - end));
  };
  if (stretches === 1) {
    if (isWrittenOut(group, end / lanes)) {
      for (let at = 0; at < end; at += lanes) {
        builder.bind(along.id, constantItem(at), lanes);
        emitPoints(inner, group, needed);
      }
    } else vectors(integer(0), integer(end));
    tail();
    return;
  }
  const from = builder.let(builder.arithmetic('multiply', part, constantItem(stretch)), 'from');
  const to = arithmetic('minimum', arithmetic('add', from.value, integer(stretch)), integer(end));
  vectors(from.value, builder.let({ value: to, depth: from.depth }, 'to').value);
  builder.when(arithmetic('equal', part.value, integer(stretches - 1)), tail);
}

/** Elements of a stretch by what one of them costs: whole cache lines, so that no two threads write one. */
function stretchOf(cost: number): number {
  const wanted = Math.ceil(stretchCost / cost / shortest) * shortest;
  return Math.max(shortest, Math.min(longest, wanted));
}

/** Rows of few vectors are written out where what stands in them is short: their addresses are then known but for the row's. */
function isWrittenOut(group: readonly Point[], vectors: number): boolean {
  if (vectors <= 1) return true;
  const size = group.reduce((total, { formula }) => total + straightSize(formula), 0);
  return vectors <= mostVectors && vectors * size <= mostWritten;
}

const mostVectors = 8;
const mostWritten = 160;

/** How many values stand in the code of a formula that has no loop; Infinity where it has one. */
export function straightSize(formula: Formula): number {
  switch (formula.kind) {
    case 'apply':
      return 1 + formula.operands.reduce((total, operand) => total + straightSize(operand), 0);
    case 'guard':
      return formula.conditions.length + straightSize(formula.value);
    case 'reduce': {
      const count = formula.axes.reduce((product, axis) => product * axis.size, 1);
      return count <= unrolled ? count * (1 + straightSize(formula.value)) : Infinity;
    }
    case 'random':
      return Infinity;
    default:
      return 1;
  }
}

function bestAxis(
  axes: readonly Axis[],
  cost: (along: string | undefined) => number,
  lanes: number,
): Axis | undefined {
  let best: Axis | undefined;
  let least = cost(undefined);
  for (const axis of axes.toReversed()) {
    const waste = (Math.ceil(axis.size / lanes) * lanes) / axis.size;
    const found = cost(axis.id) * waste;
    if (found < least) [best, least] = [axis, found];
  }
  return best;
}

/** The outermost axes, as many as it takes to give every thread enough items. */
function itemAxes(axes: readonly Axis[]): readonly Axis[] {
  const taken: Axis[] = [];
  let count = 1;
  for (const axis of axes) {
    if (count >= 32) break;
    taken.push(axis);
    count *= axis.size;
  }
  return taken;
}

function split(builder: LoopBuilder, item: Item, parts: number): readonly [Item, Item] {
  if (parts === 1) return [item, constantItem(0)];
  const row = builder.let(builder.arithmetic('quotient', item, constantItem(parts)), 'row');
  const part = builder.let(builder.arithmetic('remainder', item, constantItem(parts)), 'part');
  return [row, part];
}

/** Binds the axes to their places in the row-major position. */
export function decompose(builder: LoopBuilder, position: Item, axes: readonly Axis[]): void {
  for (const [axis, item] of axesAt(builder, position, axes)) builder.bind(axis, item);
}

/** The axes' places in the row-major position. */
export function axesAt(
  builder: LoopBuilder,
  position: Item,
  axes: readonly Axis[],
): (readonly [axis: string, item: Item])[] {
  let left = position;
  return axes.toReversed().map((axis, i) => {
    if (i === axes.length - 1) return [axis.id, left];
    const hint = axis.hint ?? 'i';
    const at = builder.let(builder.arithmetic('remainder', left, constantItem(axis.size)), hint);
    left = builder.let(builder.arithmetic('quotient', left, constantItem(axis.size)), 'rest');
    return [axis.id, at];
  });
}

/** The group with its common axes merged as far as every address allows. */
export function mergePoints(points: readonly Point[]): readonly Point[] {
  const [head] = points;
  if (!head) return points;
  const sums = points.flatMap(({ formula, output }) => [...sumsOf(formula), output.affine]);
  const { axes, change } = mergeAxes(head.axes, sums);
  return points.map((point) => ({
    ...point,
    axes,
    output: mapAddress(point.output, change),
    formula: mergeReductions(mapSums(point.formula, change)),
  }));
}
