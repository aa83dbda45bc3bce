// Repeats a function, and summarizes the times.

export interface Times {
  readonly median: number;
  /** The 10th and 90th percentiles are `low` and `high`. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** Fewer runs than this tell nothing of the spread; a slow function gets at most three times as long for them. */
const wantedRuns = 5;

export async function repeatFor(seconds: number, run: () => Promise<unknown>): Promise<Times> {
  const times: number[] = [];
  const begin = performance.now();
  for (let elapsed = 0; elapsed < 3000 * seconds || times.length === 0;) {
    const from = performance.now();
    await run();
    const now = performance.now();
    times.push(now - from);
    elapsed = now - begin;
    if (elapsed >= 1000 * seconds && times.length >= wantedRuns) break;
  }
  return summarizeTimes(times);
}

/** Milliseconds. */
export function summarizeTimes(times: readonly number[]): Times {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? NaN;
  return { median: at(0.5), low: at(0.1), high: at(0.9), count: sorted.length };
}

/** How long to look for the fastest run, in seconds. */
const search = 0.3;

/** Billions of operations per second in the fastest run. */
export async function fastest(operations: number, run: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  await repeatFor(search, async () => {
    const from = performance.now();
    await run();
    least = Math.min(least, performance.now() - from);
  });
  return operations / least / 1e6;
}
