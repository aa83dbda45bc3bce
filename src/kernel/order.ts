// The order in which kernels run. It stays that of the program, but for the work of the update: each parameter is updated as soon as
// its gradient is there and its old value has been read, so that gradients need not be kept until the end; what belongs to one
// update (both of Adam's moments, the parameter) runs one after the other, so that a target can run it as one loop.
import type { BufferId, Kernel, KernelUpdate } from '../ir/stages/type.ts';
import { buffersRead } from '../ir/stages/walk.ts';

/** @param kernels in an order in which each stands behind those it reads from, as they do in the result */
export function orderKernels(
  kernels: readonly Kernel[],
  updates: readonly KernelUpdate[],
  rootOf: (buffer: BufferId) => BufferId,
): readonly Kernel[] {
  return emission(dependencies(kernels, updates, rootOf)).flatMap((i) => kernels[i] ?? []);
}

/** Kernels of the update that read from one another. They run together, once nothing outside keeps them waiting. */
interface Unit {
  readonly kernels: number[];
  /** Kernels outside it that are yet to run. */
  waits: number;
}

/** What has to run before what. Kernels by their positions. */
interface Dependencies {
  /** What each kernel reads from. */
  readonly sources: readonly (readonly number[])[];
  /** Of each kernel of the update that is in one. */
  readonly units: ReadonlyMap<number, Unit>;
  /** What the update computes from stored tensors and inputs alone (a learning rate) waits until it is asked for. */
  readonly onDemand: ReadonlySet<number>;
  /** The units that wait for a kernel. */
  readonly followers: ReadonlyMap<number, readonly Unit[]>;
}

function dependencies(
  kernels: readonly Kernel[],
  updates: readonly KernelUpdate[],
  rootOf: (buffer: BufferId) => BufferId,
): Dependencies {
  const writers = new Map(kernels.map((kernel, i) => [kernel.output, i]));
  const reads = kernels.map((kernel) => [...new Set(buffersRead(kernel).map(rootOf))]);
  const sources = reads.map((roots) => roots.flatMap((root) => writers.get(root) ?? []));
  const results = new Set(updates.flatMap((update) => writers.get(rootOf(update.value)) ?? []));
  const units = new Map<number, Unit>();
  const onDemand = new Set<number>();
  kernels.forEach(({ phase }, i) => {
    const from = sources[i] ?? [];
    const fromLeaves = from.every((source) => onDemand.has(source));
    if (phase === 'update' && !results.has(i) && fromLeaves) onDemand.add(i);
    else if (phase === 'update' || results.has(i)) joinUnit(units, i, from);
  });

  const followers = new Map<number, Unit[]>();
  const follow = (source: number, unit: Unit): void => {
    if (units.get(source) === unit) return;
    unit.waits++;
    const found = followers.get(source);
    if (found) found.push(unit);
    else followers.set(source, [unit]);
  };
  for (const unit of new Set(units.values())) {
    unit.kernels.sort((a, b) => a - b);
    for (const i of unit.kernels)
      for (const source of sources[i] ?? []) if (!onDemand.has(source)) follow(source, unit);
  }
  // A stored tensor is written when all have read its old value.
  const readers = new Map<BufferId, number[]>(updates.map(({ stored }) => [stored, []]));
  reads.forEach((roots, i) => roots.forEach((root) => readers.get(root)?.push(i)));
  for (const { stored, value } of updates) {
    const unit = units.get(writers.get(rootOf(value)) ?? -1);
    if (unit) for (const reader of readers.get(stored) ?? []) follow(reader, unit);
  }
  return { sources, units, onDemand, followers };
}

/** The kernel's unit is that of what it reads from; several become one. */
function joinUnit(units: Map<number, Unit>, kernel: number, sources: readonly number[]): void {
  const joined = new Set(sources.flatMap((source) => units.get(source) ?? []));
  const [largest, ...others] = [...joined].toSorted((a, b) => b.kernels.length - a.kernels.length);
  const unit = largest ?? { kernels: [], waits: 0 };
  for (const each of [...others.flatMap((other) => other.kernels), kernel]) {
    unit.kernels.push(each);
    units.set(each, unit);
  }
}

/** The kernels' positions in the order in which they run. */
function emission({ sources, units, onDemand, followers }: Dependencies): readonly number[] {
  const emitted = new Set<number>();
  let ready = [...new Set(units.values())].filter((unit) => unit.waits === 0);
  /** Behind all that it reads from. */
  const emit = (i: number): void => {
    if (emitted.has(i)) return;
    for (const source of sources[i] ?? []) emit(source);
    emitted.add(i);
    for (const unit of followers.get(i) ?? []) if (--unit.waits === 0) ready.push(unit);
  };
  const emitReady = (): void => {
    while (ready.length > 0) {
      const first = (unit: Unit) => unit.kernels[0] ?? 0;
      const batch = ready.toSorted((a, b) => first(a) - first(b));
      ready = [];
      for (const unit of batch) unit.kernels.forEach(emit);
    }
  };
  emitReady();
  sources.forEach((_, i) => {
    if (units.has(i) || onDemand.has(i)) return;
    emit(i);
    emitReady();
  });
  sources.forEach((_, i) => emit(i));
  return [...emitted];
}
