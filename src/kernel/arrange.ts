// Gives buffers places in one arena, so that two that are alive together do not overlap and the arena is small.
import type { BufferId } from '../ir/stages/type.ts';

/** Over which kernels (by position) a temporary is alive, both included. One past the last kernel is the end of the run. */
export interface Lifetime {
  readonly buffer: BufferId;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

export interface Arrangement {
  /** By buffer. */
  readonly offsets: ReadonlyMap<BufferId, number>;
  readonly arenaBytes: number;
}

/**
 * Large buffers first (Pisarchyk and Lee 2020, greedy by size) mostly needs no more than is alive at a time. Where it does, other
 * orders are tried.
 */
export function arrange(buffers: readonly Lifetime[]): Arrangement {
  const least = mostAlive(buffers);
  let best: Arrangement | undefined;
  for (const order of [bySize, byExtent, byStart]) {
    const found = place(buffers.toSorted(order));
    if (!best || found.arenaBytes < best.arenaBytes) best = found;
    if (best.arenaBytes <= least) break;
  }
  return best ?? { offsets: new Map(), arenaBytes: 0 };
}

/** In the given order, each into the smallest gap that holds it between those that are alive with it. */
function place(buffers: readonly Lifetime[]): Arrangement {
  const offsets = new Map<BufferId, number>();
  // What is placed, by offset; in columns, as every buffer is held against all before it.
  const starts: number[] = [];
  const ends: number[] = [];
  const froms: number[] = [];
  const tos: number[] = [];
  let arenaBytes = 0;
  for (const { buffer, bytes, from, to } of buffers) {
    let [offset, smallest, free, after] = [-1, Infinity, 0, 0];
    for (let i = 0; i < starts.length; i++) {
      if ((tos[i] ?? 0) < from || to < (froms[i] ?? 0)) continue;
      const gap = (starts[i] ?? 0) - free;
      if (gap >= bytes && gap < smallest) [offset, smallest] = [free, gap];
      free = Math.max(free, ends[i] ?? 0);
    }
    if (offset < 0) offset = free;
    while (after < starts.length && (starts[after] ?? 0) <= offset) after++;
    starts.splice(after, 0, offset);
    ends.splice(after, 0, offset + bytes);
    froms.splice(after, 0, from);
    tos.splice(after, 0, to);
    offsets.set(buffer, offset);
    arenaBytes = Math.max(arenaBytes, offset + bytes);
  }
  return { offsets, arenaBytes };
}

function bySize(a: Lifetime, b: Lifetime): number {
  return b.bytes - a.bytes || byStart(a, b);
}

function byExtent(a: Lifetime, b: Lifetime): number {
  return b.bytes * (b.to - b.from + 1) - a.bytes * (a.to - a.from + 1) || byStart(a, b);
}

function byStart(a: Lifetime, b: Lifetime): number {
  return a.from - b.from || a.buffer - b.buffer;
}

/** The most bytes that are alive at a time: no arena is smaller. */
function mostAlive(buffers: readonly Lifetime[]): number {
  const changes = buffers.flatMap(({ bytes, from, to }) => [
    { at: from, bytes },
    { at: to + 1, bytes: -bytes },
  ]);
  let [alive, most] = [0, 0];
  for (const { bytes } of changes.toSorted((a, b) => a.at - b.at || a.bytes - b.bytes)) {
    alive += bytes;
    most = Math.max(most, alive);
  }
  return most;
}
