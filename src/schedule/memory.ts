// The memory plan: the layout of the one memory that all programs of a model share. Printed addresses, reports and allocation all follow
// it. In order: what the target reserves, the stored tensors, the inputs, the arena of the temporaries (which the programs reuse in
// turn), each thread's scratch, and the over-read padding.
import { rangeOf } from '../ir/linear/position.ts';
import { nodesOf } from '../ir/linear/walk.ts';
import { elementSize, type Location } from '../ir/loops/type.ts';
import type { BufferId } from '../ir/stages/type.ts';
import { aligned } from './alignment.ts';
import { layOut, type Lifetime } from './arena.ts';
import type { Machine } from './machine/machine.ts';
import type { BufferPlan, ProgramPlan } from './program.ts';
import type { Group } from './type.ts';

export interface MemoryPlan {
  /** By path. */
  readonly stored: ReadonlyMap<string, Location>;
  /** By name. */
  readonly inputs: ReadonlyMap<string, Location>;
  readonly arena: { readonly offset: number; readonly bytes: number };
  /** Of each program, the address of each buffer in bytes. Buffers kept in registers have none. */
  readonly addresses: readonly ReadonlyMap<BufferId, number>[];
  /** End of the layout; each thread's scratch follows. */
  readonly bytes: number;
  /** Bytes of over-read padding: vector loads and guarded reads may go this far past a buffer's ends; the values are not used. */
  readonly reach: number;
}

/** `reserved`: bytes at the start of memory that the target keeps for itself. */
export function planMemory(programs: readonly ProgramPlan[], machine: Machine, reserved: number): MemoryPlan {
  const reach = Math.max(0, ...programs.map((program) => reachOf(program, machine.lanes)));
  const gap = machine.guardGaps === true ? reach : 0;
  let end = aligned(reserved) + reach;
  const take = (elements: number): Location => {
    const location = { offset: end, elements };
    end += aligned(elementSize * elements) + gap;
    return location;
  };
  const [stored, inputs] = [new Map<string, Location>(), new Map<string, Location>()];
  for (const { elements, storage } of programs.flatMap(({ buffers }) => [...buffers.values()])) {
    if (storage.kind === 'stored' && !stored.has(storage.path)) stored.set(storage.path, take(elements));
    if (storage.kind === 'input' && !inputs.has(storage.name)) inputs.set(storage.name, take(elements));
  }
  const arenas = programs.map(({ buffers }) => layOut(lifetimes(buffers, gap)));
  const arena = { offset: end, bytes: aligned(Math.max(0, ...arenas.map(({ bytes }) => bytes))) };
  const addresses = programs.map(({ buffers }, i) => {
    const addressOf = (id: BufferId): number | undefined => {
      const storage = buffers.get(id)?.storage;
      switch (storage?.kind) {
        case 'stored':
          return stored.get(storage.path)?.offset;
        case 'input':
          return inputs.get(storage.name)?.offset;
        case 'with':
          return addressOf(storage.buffer);
        case 'arena':
          return arena.offset + (arenas[i]?.offsets.get(id) ?? 0);
        default:
          return undefined;
      }
    };
    return new Map(
      [...buffers.keys()].flatMap((id) => {
        const address = addressOf(id);
        return address === undefined ? [] : [[id, address] as const];
      }),
    );
  });
  return { stored, inputs, arena, addresses, bytes: arena.offset + arena.bytes, reach };
}

/** Lifetimes of the buffers in the arena; `gap`: guard bytes behind each. */
export function lifetimes(
  buffers: ReadonlyMap<BufferId, BufferPlan>,
  gap: number,
): readonly Lifetime<BufferId>[] {
  return [...buffers].flatMap(([key, { elements, storage }]) =>
    storage.kind === 'arena'
      ? [{ key, bytes: aligned(elementSize * elements) + gap, from: storage.from, to: storage.to }]
      : [],
  );
}

/**
 * Over-read of a program at either end of a buffer, in bytes: a guarded read is executed even where its guard fails, and a row ends in a
 * full vector.
 */
function reachOf({ groups, buffers }: ProgramPlan, lanes: number): number {
  let reach = 0;
  for (const group of groups) {
    const sizes = paddedSizes(group, 2 * lanes);
    for (const node of formulasOf(group).flatMap(nodesOf)) {
      if (node.kind !== 'read') continue;
      const { low, high } = rangeOf(node.position, sizes);
      const elements = buffers.get(node.buffer)?.elements ?? 0;
      reach = Math.max(reach, -low, high + 2 * lanes - elements);
    }
  }
  return aligned(elementSize * reach);
}

const formulasOf = (group: Group) => [
  ...group.computations.map((computation) => computation.formula),
  ...(group.kind === 'contraction' ? [group.contraction.left, group.contraction.right] : []),
];

/** The sizes of all axes of a group, each extended by as much as a loop may overshoot its end. */
function paddedSizes(group: Group, more: number): ReadonlyMap<string, number> {
  const axes = [
    ...group.computations.flatMap((computation) => computation.axes),
    ...(group.kind === 'contraction' ? [...group.contraction.axes, ...group.contraction.depth] : []),
    ...formulasOf(group).flatMap((formula) =>
      nodesOf(formula).flatMap((node) => (node.kind === 'reduce' ? node.axes : [])),
    ),
  ];
  return new Map(axes.map((axis) => [axis.id, axis.size + more]));
}
