// From the kernel programs of a model to what a CPU runs: routines (loops over buffers given as pointers; kernels alike but for
// their buffers share one), and for each program the steps that call them, with a barrier wherever a step needs what another
// thread has written. Every address is fixed here. Nothing depends on the number of threads.
import type { Buffer, BufferId, Kernel, KernelProgram, MapKernel } from '../ir/stages/type.ts';
import { mayFilter, type Machine } from './machine/machine.ts';
import { scheduleContraction } from './contraction/contraction.ts';
import { Buffers } from '../ir/formula.ts';
import { groupKernels, kernelsOf, pointOf, type Group } from './groups.ts';
import type { Routine } from '../ir/loops/type.ts';
import { scheduleMap, type Scheduled } from './map.ts';
import { aligned, planArena, reachOf, readsOfGroup, updatesInPlace, writesOfGroup } from './memory.ts';
import { scheduleScatter } from './scatter.ts';

export interface Step {
  /** Index into the schedule's routines. */
  readonly routine: number;
  /** The routine's pointers. */
  readonly buffers: readonly BufferId[];
  readonly items: number;
  /** All threads meet before this step. */
  readonly barrier: boolean;
  readonly kernels: readonly Kernel[];
  readonly cost: number;
}

export interface Location {
  /** In bytes. */
  readonly offset: number;
  readonly elements: number;
}

export interface ScheduledProgram {
  readonly program: KernelProgram;
  readonly steps: readonly Step[];
  /** Where each buffer that a step names lies, in bytes. */
  readonly addresses: ReadonlyMap<BufferId, number>;
  readonly inputs: ReadonlyMap<string, Location>;
  readonly outputs: ReadonlyMap<string, Location>;
}

export interface Schedule {
  readonly machine: Machine;
  readonly routines: readonly Routine[];
  readonly programs: readonly ScheduledProgram[];
  readonly stored: ReadonlyMap<string, Location>;
  /** Everything up to here is laid out; each thread's scratch follows. */
  readonly bytes: number;
  /** Bytes that one thread's scratch takes. */
  readonly scratch: number;
  /** Bytes behind the last scratch that may be read. */
  readonly reach: number;
}

export function schedule(programs: readonly KernelProgram[], machine: Machine, reserved: number): Schedule {
  const prepared = programs.map((program) => prepare(program, machine));
  const reach = Math.max(0, ...prepared.map((each) => each.reach));
  let end = aligned(reserved) + reach;
  const take = (elements: number): Location => {
    const location = { offset: end, elements };
    end += aligned(4 * elements) + (machine.apart === true ? reach : 0);
    return location;
  };
  const stored = new Map<string, Location>();
  const inputs = new Map<string, Location>();
  for (const { program } of prepared) {
    for (const { role, shape, name, alias } of program.buffers) {
      if (alias !== undefined) continue;
      const elements = shape.reduce((product, size) => product * size, 1);
      if (role.kind === 'stored' && !stored.has(role.path)) stored.set(role.path, take(elements));
      if (role.kind === 'input' && !inputs.has(name)) inputs.set(name, take(elements));
    }
  }
  const arena = end;
  end += aligned(Math.max(0, ...prepared.map((each) => each.arenaBytes)));

  const routines = new Map<string, number>();
  const list: Routine[] = [];
  const scheduled = prepared.map((each): ScheduledProgram => {
    const addresses = new Map<BufferId, number>();
    for (const [buffer, offset] of each.offsets) addresses.set(buffer, arena + offset);
    for (const { id, role, name } of each.program.buffers) {
      const location =
        role.kind === 'stored' ? stored.get(role.path) : role.kind === 'input' ? inputs.get(name) : undefined;
      if (location) addresses.set(id, location.offset);
    }
    for (const [source, target] of each.inPlace) {
      const offset = addresses.get(target);
      if (offset !== undefined) addresses.set(source, offset);
    }
    const steps = each.groups.map((group, i): Step => {
      const { routine, buffers, items, cost } = each.scheduled[i] ?? nothing;
      const key = JSON.stringify(routine);
      const index = routines.get(key) ?? list.push(routine) - 1;
      routines.set(key, index);
      return { routine: index, buffers, items, cost, barrier: false, kernels: kernelsOf(group) };
    });
    const locate = (buffer: Buffer): Location => ({
      offset: addresses.get(each.buffers.owner(buffer.id)) ?? 0,
      elements: each.buffers.elements(buffer.id),
    });
    const outputs = each.program.outputs.map(
      ({ name, buffer }) => [name, locate(each.buffers.get(each.kept.get(buffer) ?? buffer))] as const,
    );
    const given = each.program.buffers.filter(
      (buffer) => buffer.role.kind === 'input' && buffer.alias === undefined,
    );
    return {
      program: each.program,
      steps: withBarriers(each, steps, addresses),
      addresses,
      inputs: new Map(given.map((buffer) => [buffer.name, locate(buffer)])),
      outputs: new Map(outputs),
    };
  });
  const scratch = aligned(Math.max(0, ...list.map((routine) => routine.scratch)));
  return { machine, routines: list, programs: scheduled, stored, bytes: end, scratch, reach };
}

const nothing: Scheduled = {
  routine: { parameters: 0, body: [], scratch: 0 },
  buffers: [],
  items: 0,
  cost: 0,
};

interface Prepared {
  readonly program: KernelProgram;
  readonly buffers: Buffers;
  readonly groups: readonly Group[];
  readonly scheduled: readonly Scheduled[];
  readonly inPlace: ReadonlyMap<BufferId, BufferId>;
  readonly offsets: ReadonlyMap<BufferId, number>;
  readonly arenaBytes: number;
  readonly elements: (buffer: BufferId) => number;
  readonly reach: number;
  /** Outputs that stand in a stored tensor which the run updates: where their copy stands. */
  readonly kept: ReadonlyMap<BufferId, BufferId>;
}

function prepare(original: KernelProgram, machine: Machine): Prepared {
  const { program, copies, kept } = withCopies(original);
  const buffers = new Buffers(program);
  const { groups: grouped, partial } = groupKernels(program, buffers, mayFilter(machine));
  const inPlace = updatesInPlace(program, grouped, buffers);
  const groups: Group[] = [...grouped];
  for (const { stored, value } of program.updates) {
    if (inPlace.get(buffers.owner(value)) !== buffers.owner(stored))
      groups.push({ kind: 'map', points: [pointOf(copyKernel(stored, value, buffers), buffers)] });
  }
  const atEnd = new Set([
    ...program.outputs.map(({ buffer }) => buffers.owner(buffer)),
    ...copies.map((id) => buffers.owner(id)),
  ]);
  const elements = (buffer: BufferId) => partial.get(buffer) ?? buffers.elements(buffer);
  const needed = neededBuffers(program, groups, buffers, atEnd, inPlace);
  const owned = new Map<BufferId, number>();
  for (const [buffer, size] of partial) owned.set(buffer, size);
  for (const buffer of program.buffers) {
    const own = buffer.role.kind === 'temporary' && buffer.alias === undefined;
    if (own && needed.has(buffer.id) && !inPlace.has(buffer.id))
      owned.set(buffer.id, buffers.elements(buffer.id));
  }
  for (const buffer of partial.keys()) needed.add(buffer);
  const reach = reachOf(groups, elements, machine.lanes);
  const gap = machine.apart === true ? reach : 0;
  const { offsets, bytes } = planArena(groups, buffers, owned, atEnd, gap);
  return {
    program,
    buffers,
    groups,
    scheduled: groups.map((group) => scheduleGroup(group, needed, buffers, machine)),
    inPlace,
    offsets,
    arenaBytes: bytes,
    elements,
    reach,
    kept,
  };
}

function scheduleGroup(
  group: Group,
  needed: ReadonlySet<BufferId>,
  buffers: Buffers,
  machine: Machine,
): Scheduled {
  switch (group.kind) {
    case 'scatter':
      return scheduleScatter(group.kernel, buffers, machine);
    case 'map':
      return scheduleMap(group.points, needed, machine);
    case 'contraction':
      return scheduleContraction({ ...group.product, points: group.points }, needed, machine);
  }
}

/** Buffers that are read outside the group that writes them. */
function neededBuffers(
  program: KernelProgram,
  groups: readonly Group[],
  buffers: Buffers,
  atEnd: ReadonlySet<BufferId>,
  inPlace: ReadonlyMap<BufferId, BufferId>,
): Set<BufferId> {
  const needed = new Set([...atEnd, ...inPlace.keys()]);
  for (const { stored } of program.updates) needed.add(buffers.owner(stored));
  for (const group of groups) {
    const own = writesOfGroup(group, buffers);
    for (const buffer of readsOfGroup(group, buffers)) if (!own.has(buffer)) needed.add(buffer);
    if (group.kind === 'scatter') for (const buffer of own) needed.add(buffer);
  }
  return needed;
}

/**
 * An output or a new value that is itself a stored tensor or an input is copied first, so that no update can change it on the
 * way out.
 */
function withCopies(program: KernelProgram): {
  readonly program: KernelProgram;
  readonly copies: readonly BufferId[];
  readonly kept: ReadonlyMap<BufferId, BufferId>;
} {
  const buffers = new Buffers(program);
  const kept = new Map<BufferId, BufferId>();
  const added: Buffer[] = [];
  const kernels: MapKernel[] = [];
  let free = Math.max(-1, ...program.buffers.map((buffer) => buffer.id)) + 1;
  const updated = new Set(program.updates.map(({ stored }) => buffers.owner(stored)));
  const keep = (id: BufferId, always: boolean): BufferId => {
    const owner = buffers.owner(id);
    if (buffers.get(owner).role.kind === 'temporary' || (!always && !updated.has(owner))) return id;
    const known = kept.get(id);
    if (known !== undefined) return known;
    const { name, shape } = buffers.get(id);
    added.push({ id: free, name: `${name}_kept`, shape, role: { kind: 'temporary' } });
    kernels.push(copyKernel(free, id, new Buffers({ ...program, buffers: [...program.buffers, ...added] })));
    kept.set(id, free);
    return free++;
  };
  for (const { buffer } of program.outputs) keep(buffer, false);
  const updates = program.updates.map(({ stored, value }) => ({ stored, value: keep(value, true) }));
  if (added.length === 0) return { program, copies: [], kept };
  const whole = {
    ...program,
    buffers: [...program.buffers, ...added],
    kernels: [...program.kernels, ...kernels],
    updates,
  };
  return { program: whole, copies: added.map(({ id }) => id), kept };
}

function copyKernel(target: BufferId, source: BufferId, buffers: Buffers): MapKernel {
  const { shape, name } = buffers.get(target);
  const axes = shape.map((size, i) => ({ id: `i${i}`, size }));
  const index = axes.map((axis) => ({ constant: 0, terms: [{ axis: axis.id, factor: 1 }], divisor: 1 }));
  return {
    kind: 'map',
    name: `copy_${name}`,
    output: target,
    axes,
    body: { kind: 'read', buffer: source, index },
    origin: { path: '' },
    phase: 'update',
    fused: [],
  };
}

/** Barriers wherever a step touches memory that a step since the last one touched, and one of the two writes it. */
function withBarriers(
  prepared: Prepared,
  steps: readonly Step[],
  addresses: ReadonlyMap<BufferId, number>,
): Step[] {
  type Range = readonly [start: number, end: number, lone: boolean];
  let [written, read]: [Range[], Range[]] = [[], []];
  return steps.map((step, i) => {
    const group = prepared.groups[i];
    if (!group) return step;
    const lone = step.items === 1;
    const ranges = (ids: Iterable<BufferId>) =>
      [...ids].flatMap((id): Range[] => {
        const start = addresses.get(id);
        return start === undefined ? [] : [[start, start + aligned(4 * prepared.elements(id)), lone]];
      });
    const writes = ranges(writesOfGroup(group, prepared.buffers));
    const reads = ranges(readsOfGroup(group, prepared.buffers));
    const meets = (own: readonly Range[], others: readonly Range[]) =>
      own.some(([start, end]) =>
        others.some((other) => start < other[1] && other[0] < end && !(lone && other[2])),
      );
    const barrier = meets(writes, written) || meets(writes, read) || meets(reads, written);
    if (barrier) [written, read] = [[], []];
    written.push(...writes);
    read.push(...reads);
    return { ...step, barrier };
  });
}
