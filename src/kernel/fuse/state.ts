// A kernel program during fusion: kernels by the buffer they write, and the readers of each root buffer. Every change of a kernel goes
// through `replace` or `remove`, which keep the two consistent.
import type { Axis, Buffer, BufferId, Kernel, KernelProgram, MapKernel } from '../../ir/stages/type.ts';
import { buffersRead } from '../../ir/stages/walk.ts';
import { simplifyKernel } from './simplify-expression.ts';
import { elementCount } from '../../runtime/tensor.ts';

export class FusionState {
  private readonly buffers: Buffer[];
  /** By output buffer. */
  private readonly kernels = new Map<BufferId, Kernel>();
  /** Each kernel's position in the program before fusion. */
  private readonly positions = new Map<BufferId, number>();
  private readonly readers = new Map<BufferId, Set<BufferId>>();
  /** The root buffers of outputs and of the values of updates: they must be kept. */
  private readonly results = new Set<BufferId>();
  private axes = 0;

  constructor({ buffers, kernels, outputs, updates }: KernelProgram) {
    this.buffers = [...buffers];
    for (const { buffer } of outputs) this.results.add(this.rootOf(buffer));
    for (const { value } of updates) this.results.add(this.rootOf(value));
    kernels.forEach((kernel, position) => {
      this.positions.set(kernel.output, position);
      this.add(kernel.kind === 'map' ? simplifyKernel(kernel) : kernel);
    });
  }

  buffer(id: BufferId): Buffer {
    const found = this.buffers[id];
    if (!found) throw new Error(`fusion: there is no buffer ${id}`);
    return found;
  }

  allBuffers(): readonly Buffer[] {
    return this.buffers;
  }

  allKernels(): readonly Kernel[] {
    return [...this.kernels.values()];
  }

  rootOf(id: BufferId): BufferId {
    return this.buffer(id).alias ?? id;
  }

  elements(id: BufferId): number {
    return elementCount(this.buffer(id).shape);
  }

  /** The kernel that computes a root buffer; undefined for inputs and stored tensors. */
  producerOf(id: BufferId): Kernel | undefined {
    return this.kernels.get(this.rootOf(id));
  }

  readersOf(id: BufferId): readonly Kernel[] {
    return [...(this.readers.get(this.rootOf(id)) ?? [])].flatMap((output) => this.kernels.get(output) ?? []);
  }

  /** Whether the buffer is live at the end of the program. */
  isResult(id: BufferId): boolean {
    return this.results.has(this.rootOf(id));
  }

  positionOf(output: BufferId): number {
    return this.positions.get(output) ?? 0;
  }

  /** A new axis with a unique id. */
  newAxis({ size, hint }: Omit<Axis, 'id'>): Axis {
    const id = `fused${this.axes++}`;
    return hint === undefined ? { id, size } : { id, size, hint };
  }

  add(kernel: Kernel): void {
    this.kernels.set(kernel.output, kernel);
    for (const root of this.rootsRead(kernel)) {
      const readers = this.readers.get(root) ?? new Set();
      this.readers.set(root, readers.add(kernel.output));
    }
  }

  replace(kernel: Kernel): void {
    this.forget(kernel.output);
    this.add(kernel);
  }

  /** Removes a dead kernel. */
  remove(output: BufferId): void {
    this.forget(output);
    this.kernels.delete(output);
  }

  /**
   * Changes the kernel's axes to others with as many elements: its buffer takes their shape, and buffers of the old shape become aliases.
   */
  reshapeOutput(kernel: MapKernel): MapKernel {
    const old = this.buffer(kernel.output);
    const root = this.buffers.length;
    const shape = kernel.axes.map((axis) => axis.size);
    this.buffers.push({ ...old, id: root, name: `${old.name}.split`, shape });
    const readers = this.readers.get(old.id);
    this.remove(old.id);
    this.buffers.forEach((buffer, id) => {
      if (id === old.id || buffer.alias === old.id) this.buffers[id] = { ...buffer, alias: root };
    });
    if (readers) this.readers.set(root, readers);
    if (this.results.delete(old.id)) this.results.add(root);
    this.positions.set(root, this.positionOf(old.id));
    const moved = { ...kernel, output: root };
    this.add(moved);
    return moved;
  }

  private rootsRead(kernel: Kernel): ReadonlySet<BufferId> {
    return new Set(buffersRead(kernel).map((id) => this.rootOf(id)));
  }

  private forget(output: BufferId): void {
    const kernel = this.kernels.get(output);
    if (kernel) for (const root of this.rootsRead(kernel)) this.readers.get(root)?.delete(output);
  }
}
