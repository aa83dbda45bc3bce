// Schedules the kernels: program order, except for the update. Each parameter is updated as soon as its gradient is computed and its old
// value has been read for the last time, which shortens the gradients' lifetimes; the kernels of one update (Adam's moments, the
// parameter) run back to back, so that a target can fuse them into one loop.
import type { BufferId, Kernel, KernelUpdate } from '../ir/stages/type.ts';
import { buffersRead } from '../ir/stages/walk.ts';

/** @param kernels in topological order; so is the result */
export function orderKernels(
  kernels: readonly Kernel[],
  updates: readonly KernelUpdate[],
  rootOf: (buffer: BufferId) => BufferId,
): readonly Kernel[] {
  return emission(dependencies(kernels, updates, rootOf)).flatMap((i) => kernels[i] ?? []);
}

/** Kernels of the update that depend on one another. They run together once their outside dependencies have run. */
interface Unit {
  readonly kernels: number[];
  /** Number of outside dependencies that have not run yet. */
  waits: number;
}

/** The dependence graph. Kernels are denoted by their positions. */
interface Dependencies {
  /** The producers of what each kernel reads. */
  readonly sources: readonly (readonly number[])[];
  /** The unit of each kernel that is in one. */
  readonly units: ReadonlyMap<number, Unit>;
  /** Update kernels that depend on stored tensors and inputs alone (a learning rate): run only when first needed. */
  readonly onDemand: ReadonlySet<number>;
  /** The units that depend on each kernel. */
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
  // Write after read: a stored tensor is written once all readers of its old value have run.
  const readers = new Map<BufferId, number[]>(updates.map(({ stored }) => [stored, []]));
  reads.forEach((roots, i) => roots.forEach((root) => readers.get(root)?.push(i)));
  for (const { stored, value } of updates) {
    const unit = units.get(writers.get(rootOf(value)) ?? -1);
    if (unit) for (const reader of readers.get(stored) ?? []) follow(reader, unit);
  }
  return { sources, units, onDemand, followers };
}

/** Adds the kernel to the unit of what it reads from; several such units are merged. */
function joinUnit(units: Map<number, Unit>, kernel: number, sources: readonly number[]): void {
  const joined = new Set(sources.flatMap((source) => units.get(source) ?? []));
  const [largest, ...others] = [...joined].toSorted((a, b) => b.kernels.length - a.kernels.length);
  const unit = largest ?? { kernels: [], waits: 0 };
  for (const each of [...others.flatMap((other) => other.kernels), kernel]) {
    unit.kernels.push(each);
    units.set(each, unit);
  }
}

/** The topological order in which the kernels run, as positions. */
function emission({ sources, units, onDemand, followers }: Dependencies): readonly number[] {
  const emitted = new Set<number>();
  let ready = [...new Set(units.values())].filter((unit) => unit.waits === 0);
  /** Emits a kernel after its dependencies. */
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
