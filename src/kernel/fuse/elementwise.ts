// Fuses element-wise kernels: one without a reduction is inlined into its readers where the work does not grow. Either each of its
// elements is still evaluated at most once, however expensive it is; or it is so cheap that recomputing it costs a reader less than
// loading it. So the work at each point of a loop grows by a few cheap operations at most.
import { scalarFunctions } from '../../ir/scalar.ts';
import type { BufferId, Expression, MapKernel } from '../../ir/stages/type.ts';
import { outerScope, visitExpressions } from '../../ir/stages/walk.ts';
import type { FusionState } from './state.ts';
import { inlineInto, isFull } from './inline.ts';
import { readSites, type ReadSite } from './read-sites.ts';

/** The kernels that have absorbed the producer, which is then removed; empty where the rule does not apply. */
export function inlineElementwise(state: FusionState, producer: MapKernel): readonly MapKernel[] {
  const readers = state.readersOf(producer.output);
  const maps = readers.filter((reader) => reader.kind === 'map');
  if (readers.length === 0 || maps.length < readers.length || state.isResult(producer.output)) return [];
  if (maps.some(isFull)) return [];
  const sites = maps.flatMap((reader) => readSites(state, reader, producer.output));
  if (sites.some((site) => site.operand)) return [];
  if (!keepsItsWork(state, producer, sites) && !mayBeRepeated(state, producer, sites)) return [];

  const rewritten = maps.flatMap((reader) => inlineInto(state, producer, reader) ?? []);
  if (rewritten.length < maps.length) return [];
  for (const kernel of rewritten) state.replace(kernel);
  state.remove(producer.output);
  return rewritten;
}

/** Whether all reads together evaluate at most the producer's elements, so that no work is duplicated. */
export function evaluatesEachOnce(
  state: FusionState,
  producer: MapKernel,
  sites: readonly ReadSite[],
): boolean {
  const elements = state.elements(producer.output);
  // Under a guard, fewer elements are evaluated than the loops have points.
  const evaluations = sites.reduce((total, site) => total + Math.min(site.points, elements), 0);
  return evaluations <= elements && sites.every((site) => site.once);
}

/** In vector code a guarded value is evaluated in all lanes and then selected: nothing expensive goes under a guard that mostly fails. */
function keepsItsWork(state: FusionState, producer: MapKernel, sites: readonly ReadSite[]): boolean {
  const visited = sites.reduce((total, site) => total + site.loops, 0);
  const expensive = costOfBody(producer.body) > freeToCopy;
  return (
    evaluatesEachOnce(state, producer, sites) && (!expensive || visited <= state.elements(producer.output))
  );
}

function mayBeRepeated(state: FusionState, producer: MapKernel, sites: readonly ReadSite[]): boolean {
  const repeats = sites.some((site) => !site.once);
  if (repeats && sites.some((site) => site.reduced && !site.once)) return false;
  return (
    costOfBody(producer.body) <= (repeats ? freeToRepeat : freeToCopy) && savesTraffic(state, producer, sites)
  );
}

/**
 * Element-wise kernels are memory-bound, so that operations of this total cost may be recomputed for free: those of a normalization, (x −
 * Σ · 1/n) / deviation.
 */
const freeToCopy = 4;
/** The same for a value read at many points (a channel's mean): better computed once, unless as cheap as a multiplication. */
const freeToRepeat = 1;

function costOfBody(body: Expression): number {
  let cost = 0;
  visitExpressions(body, outerScope([]), (expression) => {
    if (expression.kind === 'apply') cost += scalarFunctions[expression.function].cost;
    if (expression.kind === 'random' || expression.kind === 'reduce') cost = Infinity;
  });
  return cost;
}

/**
 * Memory traffic, in elements of the producer. Stored: its buffer is written once, its operands are read once, each reader reads the
 * buffer. Inlined: each reader reads the operands. Operands much smaller than the producer do not count.
 */
function savesTraffic(state: FusionState, producer: MapKernel, sites: readonly ReadSite[]): boolean {
  const operands = largeOperands(state, producer);
  const readers = sites.filter((site) => site.once).length;
  return readers * operands <= 1 + operands + readers;
}

function largeOperands(state: FusionState, producer: MapKernel): number {
  const found = new Set<BufferId>();
  visitExpressions(producer.body, outerScope(producer.axes), (expression) => {
    if (expression.kind !== 'read') return;
    const large = 2 * state.elements(expression.buffer) >= state.elements(producer.output);
    if (large) found.add(state.rootOf(expression.buffer));
  });
  return found.size;
}
