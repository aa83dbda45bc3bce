// The static memory plan: where each temporary lives in one arena, by liveness, and which updates happen in place. Two temporaries
// that are alive during one kernel never overlap: a kernel's output is alive from that kernel on, its inputs until its end.
import type {
  BufferId,
  Expression,
  Index,
  KernelProgram,
  KernelUpdate,
  MapKernel,
} from '../ir/stages/type.ts';
import { buffersRead, outerScope, visitExpressions } from '../ir/stages/walk.ts';
import type { MemoryEstimate, Storage } from '../runtime/specification.ts';
import { arrange, type Lifetime } from './arrange.ts';
import { axisIndex, flatIndex } from './index-algebra.ts';

export interface MemoryPlan {
  /** Byte offset in the arena of each temporary that owns storage (aliases have none of their own); 64-byte aligned. */
  readonly offsets: ReadonlyMap<BufferId, number>;
  readonly arenaBytes: number;
  /** Temporaries that take the storage of the stored buffer they update: the update costs no copy. */
  readonly inPlace: ReadonlyMap<BufferId, BufferId>;
}

const alignment = 64;

export function plan(program: KernelProgram): MemoryPlan {
  const inPlace = updatesInPlace(program);
  return { ...arrange(lifetimes(program).filter(({ buffer }) => !inPlace.has(buffer))), inPlace };
}

/** Of every temporary that owns storage, in the order of the buffers. */
export function lifetimes(program: KernelProgram): readonly Lifetime[] {
  const { kernels, outputs, updates } = program;
  const from = new Map(kernels.map((kernel, i) => [kernel.output, i]));
  const to = new Map(from);
  kernels.forEach((kernel, i) => buffersRead(kernel).forEach((id) => to.set(rootOf(program, id), i)));
  const results = [...outputs.map((output) => output.buffer), ...updates.map((update) => update.value)];
  for (const id of results) to.set(rootOf(program, id), kernels.length);
  return program.buffers.flatMap(({ id }) => {
    const [first, last] = [from.get(id), to.get(id)];
    if (first === undefined || last === undefined) return [];
    return { buffer: id, bytes: alignedBytes(program, id), from: first, to: last };
  });
}

/** An update happens in place where each element's old value is read last when the new one is computed. */
function updatesInPlace(program: KernelProgram): ReadonlyMap<BufferId, BufferId> {
  const { kernels, outputs, updates } = program;
  const writers = new Map(kernels.map((kernel, i) => [kernel.output, i]));
  const lastRead = new Map<BufferId, number>();
  kernels.forEach((kernel, i) => buffersRead(kernel).forEach((id) => lastRead.set(rootOf(program, id), i)));
  const handedOut = new Set(outputs.map((output) => rootOf(program, output.buffer)));

  const inPlace = new Map<BufferId, BufferId>();
  const possible = ({ stored, value }: KernelUpdate) => {
    const root = rootOf(program, value);
    const at = writers.get(root) ?? -1;
    const kernel = kernels[at];
    if (kernel?.kind !== 'map' || handedOut.has(root) || inPlace.has(root)) return false;
    return (lastRead.get(stored) ?? -1) <= at && readsOwnElementOnly(program, kernel, stored);
  };
  for (const update of updates)
    if (possible(update)) inPlace.set(rootOf(program, update.value), update.stored);
  return inPlace;
}

/** Not in a reduction: a target that sums up in the output's own storage would overwrite what it still has to read. */
function readsOwnElementOnly(program: KernelProgram, kernel: MapKernel, stored: BufferId): boolean {
  const shape = kernel.axes.map((axis) => axis.size);
  const own = kernel.axes.map(({ id, size }) => (size === 1 ? zero : axisIndex(id)));
  let only = true;
  visitExpressions(kernel.body, outerScope(kernel.axes), (expression, scope) => {
    if (expression.kind !== 'read' || rootOf(program, expression.buffer) !== stored) return;
    const index = affineIndex(expression);
    const readShape = program.buffers[expression.buffer]?.shape ?? [];
    only &&= scope.reductions === 0 && index !== undefined;
    only &&= samePlace(flatIndex(index ?? [], readShape), flatIndex(own, shape));
  });
  return only;
}

const zero: Index = { constant: 0, terms: [], divisor: 1 };

function affineIndex({ index }: Expression & { kind: 'read' }): readonly Index[] | undefined {
  const affine = index.filter((each): each is Index => !('kind' in each) && each.divisor === 1);
  return affine.length === index.length ? affine : undefined;
}

function samePlace(a: Index, b: Index): boolean {
  const factors = new Map(b.terms.map(({ axis, factor }) => [axis, factor]));
  const sameTerms = a.terms.every(({ axis, factor }) => factors.get(axis) === factor);
  return a.constant === b.constant && a.terms.length === b.terms.length && sameTerms;
}

/**
 * Bytes by class. The arena is counted as gradients by what the backward pass and the update have in it when it is fullest, the
 * rest of it, and the inputs, as activations.
 */
export function estimateMemory(program: KernelProgram, { arenaBytes, inPlace }: MemoryPlan): MemoryEstimate {
  const bytesOf = (...kinds: readonly Storage[]) =>
    program.buffers
      .filter(
        ({ role, alias }) => alias === undefined && role.kind === 'stored' && kinds.includes(role.storage),
      )
      .reduce((total, { id }) => total + 4 * elementCount(program, id), 0);
  const inputs = program.buffers
    .filter(({ role, alias }) => alias === undefined && role.kind === 'input')
    .reduce((total, { id }) => total + 4 * elementCount(program, id), 0);
  const gradients = gradientBytesAtPeak(
    program,
    lifetimes(program).filter(({ buffer }) => !inPlace.has(buffer)),
  );
  return {
    parameters: bytesOf('parameter', 'buffer', 'constant'),
    gradients,
    states: bytesOf('state'),
    activations: arenaBytes - gradients + inputs,
  };
}

function gradientBytesAtPeak({ kernels }: KernelProgram, buffers: readonly Lifetime[]): number {
  const changes = Array.from({ length: kernels.length + 2 }, () => ({ all: 0, gradients: 0 }));
  const change = (at: number, all: number, gradients: number) => {
    const moment = changes[at];
    if (!moment) return;
    moment.all += all;
    moment.gradients += gradients;
  };
  for (const { from, to, bytes } of buffers) {
    const gradient = kernels[from]?.phase === 'forward' ? 0 : bytes;
    change(from, bytes, gradient);
    change(to + 1, -bytes, -gradient);
  }
  let [all, gradients, peak, gradientsAtPeak] = [0, 0, 0, 0];
  for (const moment of changes) {
    all += moment.all;
    gradients += moment.gradients;
    if (all > peak) [peak, gradientsAtPeak] = [all, gradients];
  }
  return gradientsAtPeak;
}

function rootOf({ buffers }: KernelProgram, id: BufferId): BufferId {
  return buffers[id]?.alias ?? id;
}

function elementCount({ buffers }: KernelProgram, id: BufferId): number {
  return (buffers[id]?.shape ?? []).reduce((product, size) => product * size, 1);
}

function alignedBytes(program: KernelProgram, id: BufferId): number {
  return Math.ceil((4 * elementCount(program, id)) / alignment) * alignment;
}
