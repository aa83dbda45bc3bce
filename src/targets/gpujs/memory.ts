// A model's memory use where its kernels run one by one: every buffer has its own memory, live from the kernel that writes it to the last
// that reads it. gpu.js frees what nobody holds; its devices may keep more.
import { bytesOf, type BufferId, type KernelProgram } from '../../ir/stages/type.ts';
import { buffersRead } from '../../ir/stages/walk.ts';
import type { MemoryUse } from '../../runtime/memory-use.ts';
import type { Storage } from '../../runtime/specification.ts';
import { mostLive, type Lifetime } from '../../schedule/arena.ts';
import { gradientsAtPeak } from '../../schedule/memory-use.ts';

export function gpujsMemory(programs: readonly KernelProgram[]): MemoryUse {
  const stored = new Map<string, { readonly storage: Storage; readonly bytes: number }>();
  const inputs = new Map<string, number>();
  for (const buffer of programs.flatMap(({ buffers }) => buffers)) {
    if (buffer.alias !== undefined) continue;
    const { role, name } = buffer;
    if (role.kind === 'stored') stored.set(role.path, { storage: role.storage, bytes: bytesOf(buffer) });
    if (role.kind === 'input') inputs.set(name, bytesOf(buffer));
  }
  const sum = (bytes: Iterable<number>) => [...bytes].reduce((total, each) => total + each, 0);
  const of = (...wanted: readonly Storage[]) =>
    sum([...stored.values()].flatMap(({ storage, bytes }) => (wanted.includes(storage) ? [bytes] : [])));
  const peaks = programs.map((program) => {
    const lives = lifetimesOf(program);
    const backward = (at: number) => (program.kernels[at]?.phase ?? 'forward') !== 'forward';
    return { all: mostLive(lives), gradients: gradientsAtPeak(lives, backward) };
  });
  const [largest = { all: 0, gradients: 0 }] = peaks.toSorted((a, b) => b.all - a.all);
  return {
    parameters: of('parameter', 'buffer', 'constant'),
    gradients: largest.gradients,
    states: of('state'),
    activations: largest.all - largest.gradients + sum(inputs.values()),
    padding: 0,
    scratch: 0,
    page: 1,
  };
}

function lifetimesOf({ buffers, kernels, outputs, updates }: KernelProgram): readonly Lifetime<BufferId>[] {
  const owner = (id: BufferId) => buffers[id]?.alias ?? id;
  const from = new Map(kernels.map((kernel, i) => [owner(kernel.output), i]));
  const to = new Map(from);
  kernels.forEach((kernel, i) => buffersRead(kernel).forEach((id) => to.set(owner(id), i)));
  for (const id of [...outputs.map(({ buffer }) => buffer), ...updates.map(({ value }) => value)])
    to.set(owner(id), kernels.length);
  return buffers.flatMap((buffer) => {
    const [first, last] = [from.get(buffer.id), to.get(buffer.id)];
    if (first === undefined || last === undefined) return [];
    return { key: buffer.id, bytes: bytesOf(buffer), from: first, to: last };
  });
}
