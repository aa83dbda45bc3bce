// Plans one program: its kernels in groups of one loop nest each, and the storage of every buffer. Addresses and loops come later.
import { Buffers } from '../ir/linear/build.ts';
import { addressKey } from '../ir/linear/key.ts';
import type { Address } from '../ir/linear/type.ts';
import { buffersReadBy, nodesOf } from '../ir/linear/walk.ts';
import type { BufferId, KernelProgram } from '../ir/stages/type.ts';
import { copyKernel, insertCopies } from './copies.ts';
import { mayUseWinograd, type Machine } from './machine/machine.ts';
import { groupKernels } from './groups.ts';
import { planGroup } from './plan.ts';
import type { Group, GroupPlan } from './type.ts';

/** The buffers that a group reads and writes, aliases resolved. */
export interface GroupUse {
  readonly reads: ReadonlySet<BufferId>;
  readonly writes: ReadonlySet<BufferId>;
}

/**
 * How a buffer is stored.
 * - registers: read only within its group, so it is never stored to memory
 * - stored, input: at an address of its own, the same in every program, by path or name
 * - arena: in memory shared by buffers that are not live at the same time; live from group `from` to group `to`, both included; one past
 *   the last group is the end of the run
 * - with: in another buffer's storage: an alias, or a new value written in place over what it updates
 */
export type Storage =
  | { readonly kind: 'registers' }
  | { readonly kind: 'stored'; readonly path: string }
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'arena'; readonly from: number; readonly to: number }
  | { readonly kind: 'with'; readonly buffer: BufferId };

export interface BufferPlan {
  readonly elements: number;
  readonly storage: Storage;
}

export interface ProgramPlan {
  /** With the copy kernels for its outputs and updates. */
  readonly program: KernelProgram;
  readonly groups: readonly Group[];
  /** Of each group. */
  readonly plans: readonly GroupPlan[];
  readonly uses: readonly GroupUse[];
  /** Of each buffer, including the partial sums of sliced contractions. */
  readonly buffers: ReadonlyMap<BufferId, BufferPlan>;
  /** Buffers that are read outside their group, or by a later run: these are stored. */
  readonly needed: ReadonlySet<BufferId>;
  /** The buffer that holds each output at the end, by the output's name. */
  readonly outputs: ReadonlyMap<string, BufferId>;
}

/** @param original with its patterns recognized: see src/kernel/recognize/recognize.ts */
export function planProgram(original: KernelProgram, machine: Machine): ProgramPlan {
  const { program, copyOf } = insertCopies(original);
  const buffers = new Buffers(program);
  const { groups: grouped, partial } = groupKernels(program, buffers, mayUseWinograd(machine));
  const usesOf = (groups: readonly Group[]) => groups.map((group) => useOf(group, buffers));
  const inPlace = updatesInPlace(program, grouped, usesOf(grouped), buffers);
  const groups = [...grouped, ...updateCopies(program, inPlace, buffers)];
  const uses = usesOf(groups);
  const kept = [...program.outputs.map(({ buffer }) => buffer), ...copyOf.values()];
  const atEnd = new Set(kept.map((id) => buffers.owner(id)));
  const needed = neededBuffers(program, groups, uses, buffers, [...atEnd, ...inPlace.keys()]);
  for (const buffer of partial.keys()) needed.add(buffer);
  return {
    program,
    groups,
    plans: groups.map((group) => planGroup(group, needed, machine)),
    uses,
    buffers: planBuffers({ program, partial, inPlace, needed, lives: livesOf(uses, atEnd) }, buffers),
    needed,
    outputs: new Map(program.outputs.map(({ name, buffer }) => [name, copyOf.get(buffer) ?? buffer])),
  };
}

/** The copy groups of the stored tensors that could not be updated in place. */
function updateCopies(
  program: KernelProgram,
  inPlace: ReadonlyMap<BufferId, BufferId>,
  buffers: Buffers,
): readonly Group[] {
  return program.updates
    .filter(({ stored, value }) => inPlace.get(buffers.owner(value)) !== buffers.owner(stored))
    .map(({ stored, value }): Group => {
      return { kind: 'map', computations: [buffers.computation(copyKernel(stored, value, buffers))] };
    });
}

function useOf(group: Group, buffers: Buffers): GroupUse {
  if (group.kind === 'scatter') {
    const { ids, values, output } = group.kernel;
    return {
      reads: new Set([buffers.owner(ids), buffers.owner(values)]),
      writes: new Set([buffers.owner(output)]),
    };
  }
  const reads = new Set(group.computations.flatMap((computation) => [...buffersReadBy(computation.formula)]));
  if (group.kind === 'contraction') {
    for (const formula of [group.contraction.left, group.contraction.right])
      for (const node of nodesOf(formula)) if (node.kind === 'read') reads.add(node.buffer);
  }
  return { reads, writes: new Set(group.computations.map((computation) => computation.output.buffer)) };
}

/** In-place updates: by new value, the stored tensor it overwrites. Safe where computing an element is the last read of its old value. */
function updatesInPlace(
  program: KernelProgram,
  groups: readonly Group[],
  uses: readonly GroupUse[],
  buffers: Buffers,
): ReadonlyMap<BufferId, BufferId> {
  const inPlace = new Map<BufferId, BufferId>();
  const atEnd = new Set([
    ...program.outputs.map(({ buffer }) => buffers.owner(buffer)),
    ...program.updates.map(({ value }) => buffers.owner(value)),
  ]);
  const writers = new Map(uses.flatMap(({ writes }, i) => [...writes].map((id) => [id, i] as const)));
  const lastReads = new Map(uses.flatMap(({ reads }, i) => [...reads].map((id) => [id, i] as const)));
  const accesses = new Map<number, GroupAccesses>();
  const accessesOf = (group: number) => {
    const found = accesses.get(group) ?? groupAccesses(groups[group]);
    accesses.set(group, found);
    return found;
  };
  for (const { stored, value } of program.updates) {
    const [target, source] = [buffers.owner(stored), buffers.owner(value)];
    if (buffers.get(source).role.kind !== 'temporary' || atEnd.has(target) || inPlace.has(source)) continue;
    const written = writers.get(source);
    if (written === undefined || (lastReads.get(target) ?? -1) > written) continue;
    if (readsOnlyAt(accessesOf(written), target, source)) inPlace.set(source, target);
  }
  return inPlace;
}

/** What a group does with each buffer. */
interface GroupAccesses {
  /** The address at which each buffer is written, element by element. */
  readonly writes: ReadonlyMap<BufferId, Address>;
  /** The keys of the addresses at which each buffer is read; `other` for reads without an address. */
  readonly reads: ReadonlyMap<BufferId, ReadonlySet<string>>;
  /** A scatter writes its output in the order of its ids, so that there is no address. */
  readonly scatters: boolean;
}

const other = 'other';

function groupAccesses(group: Group | undefined): GroupAccesses {
  const reads = new Map<BufferId, Set<string>>();
  const note = (buffer: BufferId, place: string) =>
    void reads.set(buffer, (reads.get(buffer) ?? new Set()).add(place));
  if (group?.kind === 'scatter') {
    for (const buffer of [group.scatter.values, group.scatter.ids]) note(buffer, other);
    return { writes: new Map(), reads, scatters: true };
  }
  const computations = group?.computations ?? [];
  const formulas = computations.map((computation) => computation.formula);
  if (group?.kind === 'contraction') formulas.push(group.contraction.left, group.contraction.right);
  for (const formula of formulas)
    for (const node of nodesOf(formula)) {
      if (node.kind === 'random') note(node.key, other);
      if (node.kind === 'read') note(node.buffer, addressKey(node));
    }
  return {
    writes: new Map(computations.map(({ output }) => [output.buffer, output])),
    reads,
    scatters: false,
  };
}

/** Whether a group that writes `source` reads `target` only at the element that it writes. */
function readsOnlyAt(
  { writes, reads, scatters }: GroupAccesses,
  target: BufferId,
  source: BufferId,
): boolean {
  const places = reads.get(target) ?? new Set();
  if (scatters) return places.size === 0;
  const output = writes.get(source);
  if (!output) return false;
  const place = addressKey({ ...output, buffer: target });
  return [...places].every((read) => read === place);
}

function neededBuffers(
  program: KernelProgram,
  groups: readonly Group[],
  uses: readonly GroupUse[],
  buffers: Buffers,
  first: readonly BufferId[],
): Set<BufferId> {
  const needed = new Set(first);
  for (const { stored } of program.updates) needed.add(buffers.owner(stored));
  uses.forEach(({ reads, writes }, i) => {
    for (const buffer of reads) if (!writes.has(buffer)) needed.add(buffer);
    if (groups[i]?.kind === 'scatter') for (const buffer of writes) needed.add(buffer);
  });
  return needed;
}

interface Life {
  readonly from: number;
  readonly to: number;
}

/** The live range of each buffer: the first and the last group that touches it. */
function livesOf(uses: readonly GroupUse[], atEnd: ReadonlySet<BufferId>): ReadonlyMap<BufferId, Life> {
  const lives = new Map<BufferId, Life>();
  const touch = (buffer: BufferId, group: number) =>
    lives.set(buffer, { from: lives.get(buffer)?.from ?? group, to: group });
  uses.forEach(({ reads, writes }, i) => {
    for (const buffer of writes) touch(buffer, i);
    for (const buffer of reads) touch(buffer, i);
  });
  for (const buffer of atEnd) touch(buffer, uses.length);
  return lives;
}

interface Decided {
  readonly program: KernelProgram;
  /** Elements of the partial sums. */
  readonly partial: ReadonlyMap<BufferId, number>;
  readonly inPlace: ReadonlyMap<BufferId, BufferId>;
  readonly needed: ReadonlySet<BufferId>;
  readonly lives: ReadonlyMap<BufferId, Life>;
}

function planBuffers(
  { program, partial, inPlace, needed, lives }: Decided,
  buffers: Buffers,
): ReadonlyMap<BufferId, BufferPlan> {
  const inArena = (id: BufferId): Storage => {
    const life = lives.get(id);
    return life && needed.has(id) ? { kind: 'arena', ...life } : { kind: 'registers' };
  };
  const storageOf = ({ id, role, alias, name }: KernelProgram['buffers'][number]): Storage => {
    const shared = alias ?? inPlace.get(id);
    if (shared !== undefined) return { kind: 'with', buffer: shared };
    if (role.kind === 'stored') return { kind: 'stored', path: role.path };
    if (role.kind === 'input') return { kind: 'input', name };
    return inArena(id);
  };
  return new Map([
    ...program.buffers.map(
      (buffer) => [buffer.id, { elements: buffers.elements(buffer.id), storage: storageOf(buffer) }] as const,
    ),
    ...[...partial].map(([id, elements]) => [id, { elements, storage: inArena(id) }] as const),
  ]);
}
