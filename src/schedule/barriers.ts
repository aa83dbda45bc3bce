// Where threads must wait for one another: before a step that touches memory which an earlier step since the last barrier touched,
// where one of the two writes it. Two steps of a single work item each are both thread 0's, in order: they need none.
import type { GroupUse } from './program.ts';

/** A range of memory in bytes. */
type Range = readonly [start: number, end: number];

interface Touched {
  readonly ranges: readonly Range[];
  /** By a step of a single work item. */
  readonly single: boolean;
}

export interface SteppedUse extends GroupUse {
  /** Work items of the step. */
  readonly items: number;
}

/**
 * Whether all threads meet before each step. `rangeOf` gives the memory of a buffer, and nothing where it has none.
 */
export function barriers(
  steps: readonly SteppedUse[],
  rangeOf: (buffer: number) => Range | undefined,
): readonly boolean[] {
  let [written, read]: [Touched[], Touched[]] = [[], []];
  return steps.map(({ reads, writes, items }) => {
    const single = items === 1;
    const touched = (buffers: Iterable<number>): Touched => ({
      ranges: [...buffers].flatMap((buffer) => {
        const range = rangeOf(buffer);
        return range ? [range] : [];
      }),
      single,
    });
    const [writing, reading] = [touched(writes), touched(reads)];
    const barrier = meets(writing, written) || meets(writing, read) || meets(reading, written);
    if (barrier) [written, read] = [[], []];
    written.push(writing);
    read.push(reading);
    return barrier;
  });
}

function meets({ ranges, single }: Touched, others: readonly Touched[]): boolean {
  return others.some(
    (other) =>
      !(single && other.single) &&
      ranges.some(([start, end]) => other.ranges.some(([from, to]) => start < to && from < end)),
  );
}
