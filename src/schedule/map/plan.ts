// Plans kernels over one domain as one loop nest: neighboring axes are merged where every address allows it, the axis of least cost is
// vectorized, and the outermost axes (or chunks of a long one) are the work items.
import type { Axis, BufferId } from '../../ir/stages/type.ts';
import { mergeAxes, mergeReductions } from '../../ir/linear/merge.ts';
import { factorOf } from '../../ir/linear/position.ts';
import type { Computation } from '../../ir/linear/type.ts';
import { positionsOfComputations, substituteComputation } from '../../ir/linear/walk.ts';
import { costAlong, storeCost } from '../cost.ts';
import type { Machine } from '../machine/machine.ts';
import { planReductions, straightLineSize } from '../reductions.ts';
import type { MapPlan, VectorLoop } from '../type.ts';
import { elementsOf } from '../../ir/stages/walk.ts';

/** Below this many instructions a second thread does not pay. */
const worthSharing = 20_000;
/** Enough work items to balance the load of any number of threads. */
const enoughItems = 32;

export function planMap(
  computations: readonly Computation[],
  stored: ReadonlySet<BufferId>,
  machine: Machine,
): MapPlan {
  const { lanes } = machine;
  const merged = mergeComputations(computations);
  const axes = merged[0]?.axes ?? [];
  const axis = vectorAxis(axes, merged, lanes);
  const elements = elementsOf(axes);
  const cost = elements * costOfElement(merged, axis?.id, lanes);

  const outer = axes.filter((each) => each !== axis);
  const shared = cost < worthSharing ? [] : itemAxes(outer);
  const serial = outer.filter((each) => !shared.includes(each));
  const rows = elementsOf(shared);
  const chunked = serial.length === 0 && cost >= worthSharing && rows < enoughItems;
  const vector = axis && {
    ...vectorLoop(axis, merged, lanes),
    ...chunks(axis, chunked ? cost / elements : undefined),
  };
  return {
    kind: 'map',
    lanes,
    computations: merged.map((computation) => ({
      ...computation,
      formula: planReductions(computation.formula, axis?.id, lanes),
    })),
    ...{ stored, axes, shared, serial },
    ...(vector && { vector }),
    items: rows * (vector?.chunks ?? 1),
    cost,
  };
}

function costOfElement(
  computations: readonly Computation[],
  along: string | undefined,
  lanes: number,
): number {
  return computations.reduce(
    (total, { formula, output }) =>
      total + costAlong(formula, along, lanes) + storeCost(output, along, lanes),
    0,
  );
}

/** The axis of least cost to vectorize along, unused lanes included; undefined where scalar code costs less. */
function vectorAxis(
  axes: readonly Axis[],
  computations: readonly Computation[],
  lanes: number,
): Axis | undefined {
  let best: Axis | undefined;
  let least = costOfElement(computations, undefined, lanes);
  for (const axis of axes.toReversed()) {
    const waste = (Math.ceil(axis.size / lanes) * lanes) / axis.size;
    const found = costOfElement(computations, axis.id, lanes) * waste;
    if (found < least) [best, least] = [axis, found];
  }
  return best;
}

/** The outermost axes, as few as give enough work items for every thread. */
function itemAxes(axes: readonly Axis[]): readonly Axis[] {
  const taken: Axis[] = [];
  for (const axis of axes) {
    if (elementsOf(taken) >= enoughItems) break;
    taken.push(axis);
  }
  return taken;
}

/**
 * Where the vectorized axis is the only one and every result is dense along it, the last vector is stored in full: the surplus falls into
 * the padding of the buffers.
 */
function vectorLoop(
  axis: Axis,
  computations: readonly Computation[],
  lanes: number,
): Pick<VectorLoop, 'axis' | 'end' | 'remainder' | 'unrolled'> {
  const dense = computations.every(({ output }) => factorOf(output.position, axis.id) === 1);
  const only = computations.every(({ axes }) => axes.length === 1);
  const covered = only && dense ? Math.ceil(axis.size / lanes) * lanes : axis.size;
  const remainder = covered % lanes;
  const end = covered - remainder;
  return { axis, end, remainder, unrolled: isUnrolled(computations, end / lanes) };
}

/** Limits of unrolling: vectors, and values altogether. */
const mostVectors = 8;
const mostValues = 160;

/** Short rows are unrolled when their formulas are small, so that only the row's base address varies. */
function isUnrolled(computations: readonly Computation[], vectors: number): boolean {
  if (vectors <= 1) return true;
  const size = computations.reduce((total, { formula }) => total + straightLineSize(formula), 0);
  return vectors <= mostVectors && vectors * size <= mostValues;
}

/** Instructions that a chunk should have; and the bounds of its elements, the lower one a cache line. */
const chunkCost = 10_000;
const [shortestChunk, longestChunk] = [16, 2048];

/** Chunks by the cost of an element, in multiples of a cache line, so that no two threads write one; without a cost: one chunk. */
function chunks(axis: Axis, cost: number | undefined): Pick<VectorLoop, 'chunks' | 'chunk'> {
  if (cost === undefined) return { chunks: 1, chunk: axis.size };
  const wanted = Math.ceil(chunkCost / cost / shortestChunk) * shortestChunk;
  const chunk = Math.max(shortestChunk, Math.min(longestChunk, wanted));
  return { chunks: Math.ceil(axis.size / chunk), chunk };
}

/** The computations with their common axes merged as far as every address allows, and those of each reduction too. */
function mergeComputations(computations: readonly Computation[]): readonly Computation[] {
  const [head] = computations;
  if (!head) return computations;
  const { axes, by } = mergeAxes(head.axes, positionsOfComputations(computations));
  return computations.map((computation) => {
    const merged = substituteComputation(computation, by);
    return { ...merged, axes, formula: mergeReductions(merged.formula) };
  });
}
