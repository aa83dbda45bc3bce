// A set of byte ranges with a fast test for overlap.

/** A half-open range of bytes. */
export type Range = readonly [start: number, end: number];

export class Ranges {
  /** Ascending and disjoint: overlapping and adjacent ranges are merged. */
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  add([start, end]: Range): void {
    const from = firstAtLeast(this.ends, start);
    const to = firstAtLeast(this.starts, end + 1);
    const first = Math.min(start, from < to ? (this.starts[from] ?? start) : start);
    const last = Math.max(end, from < to ? (this.ends[to - 1] ?? end) : end);
    this.starts.splice(from, to - from, first);
    this.ends.splice(from, to - from, last);
  }

  /** Whether it overlaps one of these. */
  meets([start, end]: Range): boolean {
    const next = firstAtLeast(this.ends, start + 1);
    return start < end && (this.starts[next] ?? Infinity) < end;
  }
}

/** Binary search: the first position in an ascending list whose value is at least this. */
function firstAtLeast(ascending: readonly number[], least: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? Infinity) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
