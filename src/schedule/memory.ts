// Where everything lies: stored tensors and inputs have places of their own, the temporaries of each program share one arena by
// the groups in which they live. A stored tensor's new value takes its place where nobody still wants the old one.
import type { BufferId, KernelProgram } from '../ir/stages/type.ts';
import { boundsOf, nodesOf, type Address, type Buffers } from '../ir/formula.ts';
import { kernelsOf, type Group } from './groups.ts';
import { addressKey } from './emit/expression.ts';
import { readsOf } from './emit/points.ts';

const alignment = 64;

export const aligned = (bytes: number) => Math.ceil(bytes / alignment) * alignment;

/** The groups, by number, that write and read a buffer; `end` stands for what is wanted after the run. */
interface Life {
  readonly from: number;
  readonly to: number;
}

export function readsOfGroup(group: Group, buffers: Buffers): Set<BufferId> {
  const reads = new Set(group.points.flatMap((point) => [...readsOf(point)]));
  if (group.kind === 'scatter') {
    reads.add(buffers.owner(group.kernel.ids));
    reads.add(buffers.owner(group.kernel.values));
  }
  if (group.kind === 'contraction') {
    for (const formula of [group.product.left, group.product.right]) {
      for (const node of nodesOf(formula)) if (node.kind === 'read') reads.add(node.address.buffer);
    }
  }
  return reads;
}

export function writesOfGroup(group: Group, buffers: Buffers): Set<BufferId> {
  if (group.kind === 'scatter') return new Set([buffers.owner(group.kernel.output)]);
  return new Set(group.points.map((point) => point.output.buffer));
}

/** New values that take the place of what they update. */
export function updatesInPlace(
  program: KernelProgram,
  groups: readonly Group[],
  buffers: Buffers,
): Map<BufferId, BufferId> {
  const inPlace = new Map<BufferId, BufferId>();
  const atEnd = new Set([
    ...program.outputs.map(({ buffer }) => buffers.owner(buffer)),
    ...program.updates.map(({ value }) => buffers.owner(value)),
  ]);
  for (const { stored, value } of program.updates) {
    const [target, source] = [buffers.owner(stored), buffers.owner(value)];
    if (buffers.get(source).role.kind !== 'temporary' || atEnd.has(target) || inPlace.has(source)) continue;
    const written = groups.findIndex((group) => writesOfGroup(group, buffers).has(source));
    const later = groups.slice(written + 1).some((group) => readsOfGroup(group, buffers).has(target));
    const group = groups[written];
    if (group && !later && readOnlyAt(group, target, source)) inPlace.set(source, target);
  }
  return inPlace;
}

/** Whether a group that writes `source` reads `target` at the very place it writes, and there alone. */
function readOnlyAt(group: Group, target: BufferId, source: BufferId): boolean {
  if (group.kind === 'scatter') return group.kernel.values !== target && group.kernel.ids !== target;
  const writer = group.points.find((point) => point.output.buffer === source);
  if (!writer) return false;
  const place = addressKey({ ...writer.output, buffer: target });
  const reads = group.points.flatMap((point) => [...nodesOf(point.formula)]);
  if (group.kind === 'contraction')
    reads.push(...nodesOf(group.product.left), ...nodesOf(group.product.right));
  return reads.every((node) => {
    if (node.kind === 'random') return node.key !== target;
    if (node.kind !== 'read' || node.address.buffer !== target) return true;
    const { quotients, lookups } = node.address;
    return quotients.length === 0 && lookups.length === 0 && addressKey(node.address) === place;
  });
}

/** Byte offsets in the arena; buffers that live at the same time do not overlap, and stand `gap` bytes apart. */
export function planArena(
  groups: readonly Group[],
  buffers: Buffers,
  owned: ReadonlyMap<BufferId, number>,
  atEnd: ReadonlySet<BufferId>,
  gap: number,
): { readonly offsets: ReadonlyMap<BufferId, number>; readonly bytes: number } {
  const lives = new Map<BufferId, Life>();
  const touch = (buffer: BufferId, group: number) => {
    if (!owned.has(buffer)) return;
    const life = lives.get(buffer);
    lives.set(buffer, { from: Math.min(life?.from ?? group, group), to: Math.max(life?.to ?? group, group) });
  };
  groups.forEach((group, i) => {
    for (const buffer of writesOfGroup(group, buffers)) touch(buffer, i);
    for (const buffer of readsOfGroup(group, buffers)) touch(buffer, i);
  });
  for (const buffer of atEnd) touch(buffer, groups.length);

  const placed: { readonly life: Life; readonly start: number; readonly end: number }[] = [];
  const offsets = new Map<BufferId, number>();
  const size = (buffer: BufferId) => aligned(4 * (owned.get(buffer) ?? 0)) + gap;
  for (const [buffer, life] of [...lives].toSorted(([a], [b]) => size(b) - size(a) || a - b)) {
    const rivals = placed
      .filter((other) => other.life.from <= life.to && life.from <= other.life.to)
      .toSorted((a, b) => a.start - b.start);
    let start = 0;
    for (const rival of rivals) {
      if (rival.start >= start + size(buffer)) break;
      start = Math.max(start, rival.end);
    }
    offsets.set(buffer, start);
    placed.push({ life, start, end: start + size(buffer) });
  }
  return { offsets, bytes: Math.max(0, ...placed.map(({ end }) => end)) };
}

/**
 * How many bytes reads may go past either end of a buffer: reads under a guard are not skipped where it fails, and whole
 * vectors are read at the end of a row.
 */
export function reachOf(
  groups: readonly Group[],
  elements: (buffer: BufferId) => number,
  lanes: number,
): number {
  let reach = 0;
  for (const group of groups) {
    const sizes = new Map<string, number>();
    const formulas = group.points.map((point) => point.formula);
    if (group.kind === 'contraction') {
      formulas.push(group.product.left, group.product.right);
      for (const axis of [...group.product.axes, ...group.product.depth])
        sizes.set(axis.id, axis.size + 2 * lanes);
    }
    for (const point of group.points)
      for (const axis of point.axes) sizes.set(axis.id, axis.size + 2 * lanes);
    const nodes = formulas.flatMap((formula) => [...nodesOf(formula)]);
    for (const node of nodes)
      if (node.kind === 'reduce') for (const axis of node.axes) sizes.set(axis.id, axis.size + 2 * lanes);
    for (const node of nodes) {
      if (node.kind !== 'read') continue;
      const [low, high] = rangeOf(node.address, sizes);
      reach = Math.max(reach, -low, high + 2 * lanes - elements(node.address.buffer));
    }
  }
  return aligned(4 * reach);
}

function rangeOf(address: Address, sizes: ReadonlyMap<string, number>): readonly [number, number] {
  let [low, high] = boundsOf(address.affine, sizes);
  for (const { sum, divisor, scale } of address.quotients) {
    const [least, most] = boundsOf(sum, sizes);
    low += scale * Math.floor(least / divisor);
    high += scale * Math.floor(most / divisor);
  }
  for (const { size, scale } of address.lookups) high += scale * (size - 1);
  return [low, high];
}

/** What a person calls a group. */
export function nameOfGroup(group: Group): string {
  return kernelsOf(group)
    .map((kernel) => kernel.name)
    .join(', ');
}
