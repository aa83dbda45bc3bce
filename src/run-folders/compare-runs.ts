// Compares runs: their differing settings, and their results.
import type { Json } from '../runtime/specification.ts';
import type { RunSummary } from './run-summary.ts';

export interface Difference {
  readonly name: string;
  /** One per run, in order; null if a run has no such setting. */
  readonly values: readonly (Json | null)[];
}

export interface Comparison {
  readonly runs: readonly RunSummary[];
  readonly settings: readonly Difference[];
  /** The number of settings with equal values in all runs. */
  readonly alike: number;
  readonly results: readonly Difference[];
}

export function compareRuns(runs: readonly RunSummary[]): Comparison {
  const names = [...new Set(runs.flatMap(({ settings }) => [...settings.keys()]))];
  const settings = names.map((name) => ({
    name,
    values: runs.map((run) => run.settings.get(name) ?? null),
  }));
  const differing = settings.filter(
    ({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1,
  );
  return { runs, settings: differing, alike: settings.length - differing.length, results: resultsOf(runs) };
}

function resultsOf(runs: readonly RunSummary[]): Difference[] {
  const row = (name: string, value: (run: RunSummary) => Json | undefined): Difference => ({
    name,
    values: runs.map((run) => value(run) ?? null),
  });
  const measured = [...new Set(runs.flatMap(({ progress }) => [...progress.keys()]))];
  const tested = [...new Set(runs.flatMap(({ test }) => [...test.keys()]))];
  return [
    row('state', ({ state }) => state),
    row('epochs', ({ epochs }) => epochs),
    row('steps', ({ steps }) => steps),
    row('seconds', ({ seconds }) => seconds),
    row('samples_per_second', ({ samplesPerSecond }) => samplesPerSecond ?? undefined),
    ...measured.flatMap((name) => [
      row(name, ({ progress }) => progress.get(name)?.last),
      row(`best ${name}`, ({ progress }) => progress.get(name)?.best),
    ]),
    ...tested.map((name) => row(`test_${name}`, ({ test }) => test.get(name))),
  ];
}
