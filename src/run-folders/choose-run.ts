// Chooses the run whose weights answer when nobody names one. A trial (overfit, cut epochs), a run that was cut short or diverged, and one
// of another model or other data are never chosen; among the others it is the best by what they monitored. What cannot be compared is
// not decided here: the result lists the candidates.
import type { Monitor } from '../train/loop/events.ts';
import { betterOf } from '../train/loop/monitor.ts';
import { fieldsOf, numberIn, textIn } from './json-file.ts';
import { bestIn, lastLossIn, settingsIn, type RunFacts } from './run-facts.ts';

/** A run with a checkpoint. */
export interface Candidate {
  readonly run: RunFacts;
  /** What differs from the present model, a line each; empty if it is the same. */
  readonly differs: readonly string[];
}

export type Choice =
  | {
      readonly kind: 'chosen';
      readonly run: RunFacts;
      /** The number of runs it was chosen from, and the value that decided; absent if there was no choice. */
      readonly among?: { readonly count: number; readonly by: string };
      readonly pinned: boolean;
      /** A newer run that is not considered, and why. */
      readonly newer?: { readonly run: RunFacts; readonly reason: string };
    }
  /** There is no run with a checkpoint. */
  | { readonly kind: 'none' }
  /** None may be chosen. */
  | { readonly kind: 'unfit'; readonly runs: readonly Explained[] }
  /** Several may be, and nothing tells which is better. */
  | { readonly kind: 'unlike'; readonly reason: string; readonly runs: readonly Explained[] };

export interface Explained {
  readonly run: RunFacts;
  readonly reason: string;
}

/** @param pins whether a pinned run goes before the best */
export function chooseRun(candidates: readonly Candidate[], pins = true): Choice {
  if (candidates.length === 0) return { kind: 'none' };
  const pinned = pins ? candidates.filter(({ run }) => run.label.pinned) : [];
  const [only] = pinned;
  if (only && pinned.length === 1) return { kind: 'chosen', run: only.run, pinned: true };
  const considered = pinned.length > 0 ? pinned : candidates;
  const fit = considered.filter((candidate) => whyNot(candidate) === undefined).map(({ run }) => run);
  if (fit.length === 0)
    return {
      kind: 'unfit',
      runs: considered.map((candidate) => ({ run: candidate.run, reason: whyNot(candidate) ?? '' })),
    };
  const found = bestOf(fit);
  if ('reason' in found) return { kind: 'unlike', reason: found.reason, runs: fit.map(explainFit) };
  const newer = considered
    .filter(({ run }) => run.saved > found.run.saved)
    .flatMap(({ run, ...rest }) => {
      const reason = whyNot({ run, ...rest });
      return reason === undefined ? [] : [{ run, reason }];
    })
    .sort((a, b) => b.run.saved - a.run.saved)[0];
  return { kind: 'chosen', ...found, pinned: pinned.length > 0, ...(newer && { newer }) };
}

/** The reason why a run is never chosen; undefined if it may be. */
function whyNot({ run, differs }: Candidate): string | undefined {
  return (
    whyUnfit(run) ??
    (differs.length > 0 ? `of another model or other data: ${differs.join('; ')}` : undefined)
  );
}

/** The same for what the run itself is. */
export function whyUnfit(run: RunFacts): string | undefined {
  return whyTrial(run) ?? states[run.state];
}

/** A run that tries something on a part of the data. */
export function whyTrial(run: RunFacts): string | undefined {
  const settings = settingsIn(run);
  const overfit = numberIn(settings, 'overfit');
  if (overfit !== undefined) return `trained on ${overfit} examples alone (--overfit)`;
  const limit = numberIn(settings, 'limitBatches');
  return limit === undefined
    ? undefined
    : `epochs cut to ${limit === 1 ? '1 step' : `${limit} steps`} (--limit-batches)`;
}

const states: { readonly [K in RunFacts['state']]: string | undefined } = {
  completed: undefined,
  stopped: undefined,
  imported: undefined,
  running: 'still running',
  interrupted: 'interrupted before its end',
  'out of time': 'cut short by --max-time',
  diverged: 'diverged',
  unfinished: 'killed before its end',
  'range test': 'a range test of the learning rate',
  damaged: 'damaged',
};

/** What a run is measured by. */
interface Measure {
  readonly run: RunFacts;
  readonly name: string;
  readonly better: Monitor['better'];
  readonly value: number;
}

/** The best of some runs that may be chosen, or the reason why none is. */
function bestOf(
  runs: readonly RunFacts[],
):
  | { readonly run: RunFacts; readonly among?: { readonly count: number; readonly by: string } }
  | { readonly reason: string } {
  const [only, ...others] = runs;
  if (only && others.length === 0) return { run: only };
  if (runs.some(({ state }) => state === 'imported'))
    return { reason: 'imported weights cannot be compared with what was trained, or with others' };
  const measures = runs.map(measureOf);
  const names = [...new Set(measures.map((measure) => measure && `${measure.name}:${measure.better}`))];
  const [first, ...rest] = measures.flatMap((measure) => measure ?? []);
  if (!first || names.length > 1) return { reason: 'these runs were not measured by the same' };
  if (dataDiffers(runs)) return { reason: 'these runs were trained on different data' };
  // of equals, the newest
  const best = rest.reduce(
    (best, found) =>
      isBetter(found, best) || (found.value === best.value && found.run.saved > best.run.saved)
        ? found
        : best,
    first,
  );
  return { run: best.run, among: { count: runs.length, by: first.name } };
}

const isBetter = (a: Measure, b: Measure): boolean =>
  a.better === 'lower' ? a.value < b.value : a.value > b.value;

/** The best value of the run's monitor; or the loss that it ended with, if nothing was monitored. */
function measureOf(run: RunFacts): Measure | undefined {
  const best = bestIn(run);
  if (best) {
    const better = textIn(fieldsOf(run.config?.get('monitor')), 'better');
    return {
      run,
      name: best.metric,
      better: better === 'lower' || better === 'higher' ? better : betterOf(best.metric),
      value: best.value,
    };
  }
  const value = lastLossIn(run);
  return value === undefined ? undefined : { run, name: 'training loss', better: 'lower', value };
}

/** Whether two runs that split their data in the same way had different data. */
function dataDiffers(runs: readonly RunFacts[]): boolean {
  const found = new Map<string, string>();
  return runs.some((run) => {
    const settings = settingsIn(run);
    const split = `${numberIn(settings, 'seed')} ${numberIn(settings, 'validation')}`;
    const data = textIn(fieldsOf(run.config?.get('data')), 'fingerprint') ?? '';
    const before = found.get(split) ?? data;
    found.set(split, data);
    return before !== data;
  });
}

/** A run that may be chosen, with what tells it from others. */
function explainFit(run: RunFacts): Explained {
  const measure = measureOf(run);
  const data = textIn(fieldsOf(run.config?.get('data')), 'description');
  const parts = [
    run.state,
    ...(measure ? [`${measure.name} ${Number(measure.value.toPrecision(4))}`] : []),
    ...(data === undefined ? [] : [data]),
  ];
  return { run, reason: parts.join(', ') };
}
