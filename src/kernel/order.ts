// The order in which kernels run. It stays that of the program, but for the work of the update: each parameter is updated as soon as
// its gradient is there and its old value has been read, so that gradients need not be kept until the end.
import type { BufferId, Kernel, KernelUpdate } from '../ir/kernel.ts';
import { buffersRead } from '../ir/walk-kernel.ts';

/** Enters: kernels in an order in which each stands behind those it reads from. So they leave, too. */
export function orderKernels(
  kernels: readonly Kernel[],
  updates: readonly KernelUpdate[],
  rootOf: (buffer: BufferId) => BufferId,
): readonly Kernel[] {
  const order = new KernelOrder(kernels, updates, rootOf);
  order.emitReady();
  kernels.forEach((_, i) => order.emitInTurn(i));
  kernels.forEach((_, i) => order.emit(i));
  return order.result.flatMap((i) => kernels[i] ?? []);
}

class KernelOrder {
  readonly result: number[] = [];
  private readonly emitted = new Set<number>();
  /** What each kernel reads from. */
  private readonly sources: readonly (readonly number[])[];
  private readonly followers: number[][];
  /** For kernels that run out of turn: how many others they still wait for. */
  private readonly waits = new Map<number, number>();
  private ready: number[] = [];

  constructor(
    kernels: readonly Kernel[],
    updates: readonly KernelUpdate[],
    rootOf: (buffer: BufferId) => BufferId,
  ) {
    const writers = new Map(kernels.map((kernel, i) => [kernel.output, i]));
    const reads = kernels.map((kernel) => [...new Set(buffersRead(kernel).map(rootOf))]);
    this.sources = reads.map((roots) => roots.flatMap((root) => writers.get(root) ?? []));
    this.followers = kernels.map(() => []);

    const results = new Set(updates.flatMap((update) => writers.get(rootOf(update.value)) ?? []));
    // What the update computes from stored tensors and inputs alone (a learning rate) waits until it is asked for.
    const onDemand = new Set<number>();
    kernels.forEach((kernel, i) => {
      const idle = kernel.phase === 'update' && !results.has(i);
      if (idle && this.sourcesOf(i).every((source) => onDemand.has(source))) onDemand.add(i);
      else if (kernel.phase === 'update' || results.has(i)) this.waits.set(i, 0);
    });
    for (const i of this.waits.keys()) {
      for (const source of this.sourcesOf(i)) if (!onDemand.has(source)) this.follow(source, i);
    }
    for (const i of onDemand) this.waits.set(i, Infinity);

    const readers = new Map<BufferId, number[]>();
    reads.forEach((roots, i) =>
      roots.forEach((root) => readers.set(root, [...(readers.get(root) ?? []), i])),
    );
    for (const { stored, value } of updates) {
      const writer = writers.get(rootOf(value));
      if (writer === undefined) continue;
      for (const reader of readers.get(stored) ?? []) {
        if (reader !== writer && !this.sourcesOf(reader).includes(writer)) this.follow(reader, writer);
      }
    }
    this.ready = [...this.waits].filter(([, count]) => count === 0).map(([i]) => i);
  }

  /** Emits a kernel behind all that it reads from. */
  emit(i: number): void {
    if (this.emitted.has(i)) return;
    for (const source of this.sourcesOf(i)) this.emit(source);
    this.emitted.add(i);
    this.result.push(i);
    for (const follower of this.followers[i] ?? []) {
      const waits = (this.waits.get(follower) ?? 0) - 1;
      this.waits.set(follower, waits);
      if (waits === 0) this.ready.push(follower);
    }
  }

  emitInTurn(i: number): void {
    if (this.waits.has(i)) return;
    this.emit(i);
    this.emitReady();
  }

  emitReady(): void {
    while (this.ready.length > 0) {
      const batch = this.ready.toSorted((a, b) => a - b);
      this.ready = [];
      for (const i of batch) this.emit(i);
    }
  }

  private sourcesOf(i: number): readonly number[] {
    return this.sources[i] ?? [];
  }

  private follow(source: number, follower: number): void {
    this.followers[source]?.push(follower);
    this.waits.set(follower, (this.waits.get(follower) ?? 0) + 1);
  }
}
