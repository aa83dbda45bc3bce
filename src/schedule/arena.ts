// Packs buffers into one arena: buffers with overlapping lifetimes get disjoint memory, and the arena is kept small.

/** A buffer, and the first and last group (by position) in which it is live, both included. */
export interface Lifetime<Key> {
  readonly key: Key;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

export interface Arena<Key> {
  /** In bytes. */
  readonly offsets: ReadonlyMap<Key, number>;
  readonly bytes: number;
}

/**
 * Greedy by size (Pisarchyk and Lee 2020), large buffers first. That mostly reaches the lower bound, the peak of live bytes; where it
 * does not, other orders are tried, and the smallest arena is taken.
 */
export function layOut<Key>(buffers: readonly Lifetime<Key>[]): Arena<Key> {
  const least = mostLive(buffers);
  let best: Arena<Key> | undefined;
  for (const order of [bySize, byExtent, byStart]) {
    const found = place(buffers.toSorted(order));
    if (!best || found.bytes < best.bytes) best = found;
    if (best.bytes <= least) break;
  }
  return best ?? { offsets: new Map(), bytes: 0 };
}

/** Best fit, in list order: each buffer goes into the smallest sufficient gap between buffers that are live at the same time. */
function place<Key>(buffers: readonly Lifetime<Key>[]): Arena<Key> {
  const offsets = new Map<Key, number>();
  // The placed buffers, by offset; a struct of arrays, as every buffer is compared with all placed before it.
  const starts: number[] = [];
  const ends: number[] = [];
  const froms: number[] = [];
  const tos: number[] = [];
  let all = 0;
  for (const { key, bytes, from, to } of buffers) {
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
    offsets.set(key, offset);
    all = Math.max(all, offset + bytes);
  }
  return { offsets, bytes: all };
}

type Life = Lifetime<unknown>;

/** Sorting is stable: ties keep their order. */
function bySize(a: Life, b: Life): number {
  return b.bytes - a.bytes || byStart(a, b);
}

function byExtent(a: Life, b: Life): number {
  return b.bytes * (b.to - b.from + 1) - a.bytes * (a.to - a.from + 1) || byStart(a, b);
}

function byStart(a: Life, b: Life): number {
  return a.from - b.from;
}

/** The peak of live bytes: a lower bound of any arena's size. */
export function mostLive(buffers: readonly Life[]): number {
  const changes = buffers.flatMap(({ bytes, from, to }) => [
    { at: from, bytes },
    { at: to + 1, bytes: -bytes },
  ]);
  let [live, most] = [0, 0];
  for (const { bytes } of changes.toSorted((a, b) => a.at - b.at || a.bytes - b.bytes)) {
    live += bytes;
    most = Math.max(most, live);
  }
  return most;
}
