// Where barriers are needed: before a step with a dependence (read after write, write after read, write after write) on a step since the
// last barrier. Two steps of a single work item each both run on thread 0, in order: they need none.
import { Ranges, type Range } from '../ir/loops/ranges.ts';
import type { GroupUse } from './program.ts';

export interface SteppedUse extends GroupUse {
  /** Work items of the step. */
  readonly items: number;
}

/** Whether there is a barrier before each step. `rangeOf`: a buffer's memory, undefined where it has none. */
export function barriers(
  steps: readonly SteppedUse[],
  rangeOf: (buffer: number) => Range | undefined,
): readonly boolean[] {
  let since = nothingTouched();
  return steps.map(({ reads, writes, items }) => {
    const [writing, reading] = [rangesOf(writes, rangeOf), rangesOf(reads, rangeOf)];
    const single = items === 1;
    const before = single ? [since.shared] : [since.shared, since.single];
    const barrier = before.some(
      ({ written, read }) =>
        writing.some((range) => written.meets(range) || read.meets(range)) ||
        reading.some((range) => written.meets(range)),
    );
    if (barrier) since = nothingTouched();
    const { written, read } = single ? since.single : since.shared;
    for (const range of writing) written.add(range);
    for (const range of reading) read.add(range);
    return barrier;
  });
}

/** What was touched since the last barrier. */
interface Touched {
  readonly written: Ranges;
  readonly read: Ranges;
}

/** Kept separately for steps of a single work item and for steps whose work items threads share. */
function nothingTouched(): { readonly single: Touched; readonly shared: Touched } {
  const touched = (): Touched => ({ written: new Ranges(), read: new Ranges() });
  return { single: touched(), shared: touched() };
}

function rangesOf(
  buffers: Iterable<number>,
  rangeOf: (buffer: number) => Range | undefined,
): readonly Range[] {
  return [...buffers].map(rangeOf).filter((range) => range !== undefined);
}
