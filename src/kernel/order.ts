// The order in which kernels run. It stays that of the program, but for the work of the update: each parameter is updated as soon as
// its gradient is there and its old value has been read, so that gradients need not be kept until the end; what belongs to one
// update (both of Adam's moments, the parameter) runs one after the other, so that a target can run it as one loop.
import type { BufferId, Kernel, KernelUpdate } from '../ir/stages/type.ts';
import { buffersRead } from '../ir/stages/walk.ts';

/** Enters: kernels in an order in which each stands behind those it reads from. So they leave, too. */
export function orderKernels(
  kernels: readonly Kernel[],
  updates: readonly KernelUpdate[],
  rootOf: (buffer: BufferId) => BufferId,
): readonly Kernel[] {
  const order = new KernelOrder(kernels, updates, rootOf);
  kernels.forEach((_, i) => order.emitInTurn(i));
  kernels.forEach((_, i) => order.emit(i));
  return order.result.flatMap((i) => kernels[i] ?? []);
}

/** Kernels of the update that read from one another. They run together, once nothing outside keeps them waiting. */
interface Unit {
  readonly kernels: number[];
  waits: number;
}

class KernelOrder {
  readonly result: number[] = [];
  private readonly emitted = new Set<number>();
  /** What each kernel reads from. */
  private readonly sources: readonly (readonly number[])[];
  private readonly units = new Map<number, Unit>();
  /** What the update computes from stored tensors and inputs alone (a learning rate) waits until it is asked for. */
  private readonly onDemand = new Set<number>();
  /** The units that wait for a kernel. */
  private readonly followers = new Map<number, Unit[]>();
  private ready: Unit[] = [];

  constructor(
    kernels: readonly Kernel[],
    updates: readonly KernelUpdate[],
    rootOf: (buffer: BufferId) => BufferId,
  ) {
    const writers = new Map(kernels.map((kernel, i) => [kernel.output, i]));
    const reads = kernels.map((kernel) => [...new Set(buffersRead(kernel).map(rootOf))]);
    this.sources = reads.map((roots) => roots.flatMap((root) => writers.get(root) ?? []));
    const results = new Set(updates.flatMap((update) => writers.get(rootOf(update.value)) ?? []));
    kernels.forEach(({ phase }, i) => {
      const fromLeaves = this.sourcesOf(i).every((source) => this.onDemand.has(source));
      if (phase === 'update' && !results.has(i) && fromLeaves) this.onDemand.add(i);
      else if (phase === 'update' || results.has(i)) this.joinUnit(i);
    });
    const units = new Set(this.units.values());
    for (const unit of units) {
      unit.kernels.sort((a, b) => a - b);
      for (const i of unit.kernels) {
        for (const source of this.sourcesOf(i)) if (!this.onDemand.has(source)) this.follow(source, unit);
      }
    }

    const readers = new Map<BufferId, number[]>();
    for (const { stored } of updates) readers.set(stored, []);
    reads.forEach((roots, i) => roots.forEach((root) => readers.get(root)?.push(i)));
    for (const { stored, value } of updates) {
      const unit = this.units.get(writers.get(rootOf(value)) ?? -1);
      if (unit) for (const reader of readers.get(stored) ?? []) this.follow(reader, unit);
    }
    this.ready = [...units].filter((unit) => unit.waits === 0);
    this.emitReady();
  }

  /** Emits a kernel behind all that it reads from. */
  emit(i: number): void {
    if (this.emitted.has(i)) return;
    for (const source of this.sourcesOf(i)) this.emit(source);
    this.emitted.add(i);
    this.result.push(i);
    for (const unit of this.followers.get(i) ?? []) if (--unit.waits === 0) this.ready.push(unit);
  }

  emitInTurn(i: number): void {
    if (this.units.has(i) || this.onDemand.has(i)) return;
    this.emit(i);
    this.emitReady();
  }

  private emitReady(): void {
    while (this.ready.length > 0) {
      const first = (unit: Unit) => unit.kernels[0] ?? 0;
      const batch = this.ready.toSorted((a, b) => first(a) - first(b));
      this.ready = [];
      for (const unit of batch) for (const i of unit.kernels) this.emit(i);
    }
  }

  private sourcesOf(i: number): readonly number[] {
    return this.sources[i] ?? [];
  }

  /** The kernel's unit is that of what it reads from; several become one. */
  private joinUnit(i: number): void {
    const joined = new Set(this.sourcesOf(i).flatMap((source) => this.units.get(source) ?? []));
    const [largest, ...others] = [...joined].toSorted((a, b) => b.kernels.length - a.kernels.length);
    const unit = largest ?? { kernels: [], waits: 0 };
    for (const each of [...others.flatMap((other) => other.kernels), i]) {
      unit.kernels.push(each);
      this.units.set(each, unit);
    }
  }

  private follow(source: number, unit: Unit): void {
    if (this.units.get(source) === unit) return;
    unit.waits++;
    const followers = this.followers.get(source);
    if (followers) followers.push(unit);
    else this.followers.set(source, [unit]);
  }
}
