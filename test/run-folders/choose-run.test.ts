// Which run's weights answer when nobody names one: every reason not to be chosen, and how the best is found.
import { describe, expect, it } from 'vitest';
import { chooseRun, type Candidate } from '../../src/run-folders/choose-run.ts';
import type { Fields } from '../../src/run-folders/json-file.ts';
import type { RunFacts, RunState } from '../../src/run-folders/run-facts.ts';
import type { RunLabel } from '../../src/run-folders/run-label.ts';
import type { Json } from '../../src/runtime/specification.ts';

interface Given {
  readonly state?: RunState;
  /** Its best value of `metric`; none is a run without a monitor. */
  readonly value?: number;
  readonly metric?: string;
  readonly better?: 'lower' | 'higher';
  readonly losses?: readonly number[];
  readonly settings?: { readonly [name: string]: Json };
  readonly data?: string;
  readonly label?: RunLabel;
  readonly differs?: readonly string[];
}

/** Runs of one model, each saved later than the one before. */
function runs(...all: readonly Given[]): Candidate[] {
  return all.map((given, i) => {
    const { state = 'completed', value, metric = 'validation_loss', better = 'lower', label = {} } = given;
    const config: Fields = new Map<string, Json>([
      ['settings', { seed: 1, validation: 0.2, ...given.settings }],
      ['data', { fingerprint: given.data ?? 'same', description: `data ${given.data ?? 'same'}` }],
      ['monitor', value === undefined ? null : { name: metric, better }],
    ]);
    const record: Fields = new Map<string, Json>([
      ['losses', given.losses ?? [1]],
      ['best', value === undefined ? null : { metric, value, epoch: 1 }],
    ]);
    const time = `2026-01-0${i + 1}`;
    const run: RunFacts = {
      ...{ id: `points/${time}`, model: 'points', time, path: `runs/points/${time}`, label, state },
      ...{ faults: [], config, record: state === 'unfinished' ? undefined : record, saved: i + 1 },
    };
    return { run, differs: given.differs ?? [] };
  });
}

/** The place of the chosen run, from 1. */
const chosen = (candidates: readonly Candidate[], pins?: boolean) => {
  const choice = chooseRun(candidates, pins);
  return choice.kind === 'chosen' ? choice.run.saved : choice.kind;
};

describe('the run that is chosen', () => {
  it('is the best by what it monitored, not the newest', () => {
    expect(chosen(runs({ value: 0.1 }, { value: 0.3 }, { value: 0.2 }))).toBe(1);
    const accuracy = { metric: 'validation_accuracy', better: 'higher' } as const;
    expect(
      chosen(runs({ ...accuracy, value: 0.1 }, { ...accuracy, value: 0.3 }, { ...accuracy, value: 0.2 })),
    ).toBe(2);
    expect(chooseRun(runs({ value: 0.1 }, { value: 0.3 }))).toMatchObject({
      among: { count: 2, by: 'validation_loss' },
      pinned: false,
    });
  });

  it('is measured by the direction that was asked for, and of equals is the newest', () => {
    expect(chosen(runs({ value: 3, better: 'higher' }, { value: 2, better: 'higher' }))).toBe(1);
    expect(chosen(runs({ value: 3 }, { value: 3 }))).toBe(2);
  });

  it('is that of the lowest training loss where nothing was monitored', () => {
    expect(chosen(runs({ losses: [3, 0.5] }, { losses: [3] }))).toBe(1);
  });

  it.each<[string, Given]>([
    ['trained on 32 examples alone (--overfit)', { settings: { overfit: 32 } }],
    ['epochs cut to 1 step (--limit-batches)', { settings: { limitBatches: 1 } }],
    ['interrupted before its end', { state: 'interrupted' }],
    ['cut short by --max-time', { state: 'out of time' }],
    ['diverged', { state: 'diverged' }],
    ['killed before its end', { state: 'unfinished' }],
    ['still running', { state: 'running' }],
    ['damaged', { state: 'damaged' }],
    ['of another model or other data: loss: MSE then, Huber now', { differs: ['loss: MSE then, Huber now'] }],
  ])('is none that is %s, however good and new', (reason, given) => {
    const both = runs({ value: 0.5 }, { value: 0.001, losses: [0.001], ...given });
    expect(chosen(both)).toBe(1);
    expect(chooseRun(both)).toMatchObject({ newer: { run: { saved: 2 }, reason } });
    expect(chooseRun(both.slice(1))).toMatchObject({ kind: 'unfit', runs: [{ reason }] });
    // an older one is not worth a word
    const [older, complete] = runs({ value: 0.001, ...given }, { value: 0.5 });
    const choice = chooseRun(older && complete ? [older, complete] : []);
    expect([choice.kind, 'newer' in choice]).toEqual(['chosen', false]);
  });

  it('is the one that stopped early, or the only one that was imported', () => {
    expect(chosen(runs({ state: 'stopped', value: 0.1 }, { value: 0.2 }))).toBe(1);
    expect(chosen(runs({ state: 'imported' }))).toBe(1);
  });

  it('is none where nothing tells which is better', () => {
    const unlike = (...all: readonly Given[]) => {
      const choice = chooseRun(runs(...all));
      return choice.kind === 'unlike' ? [choice.reason, choice.runs.length] : choice.kind;
    };
    const measured = ['these runs were not measured by the same', 2];
    expect(unlike({ value: 1 }, { value: 2, metric: 'validation_accuracy' })).toEqual(measured);
    expect(unlike({ value: 1 }, { value: 2, better: 'higher' })).toEqual(measured);
    expect(unlike({ value: 1 }, { losses: [2] })).toEqual(measured);
    expect(unlike({ value: 1, data: 'a' }, { value: 2, data: 'b' })).toEqual([
      'these runs were trained on different data',
      2,
    ]);
    expect(unlike({ value: 1 }, { state: 'imported' })[1]).toBe(2);
    expect(unlike()).toBe('none');
  });

  it('may have split the same data by another seed', () => {
    expect(chosen(runs({ value: 1, data: 'a' }, { value: 2, data: 'b', settings: { seed: 2 } }))).toBe(1);
  });

  it('is the pinned one, whatever it is, unless the best is asked for', () => {
    const pinned = runs({ value: 0.5, label: { pinned: true }, state: 'interrupted' }, { value: 0.1 });
    expect(chosen(pinned)).toBe(1);
    expect(chooseRun(pinned)).toMatchObject({ pinned: true });
    expect(chosen(pinned, false)).toBe(2);
    const several = runs(
      { value: 0.3, label: { pinned: true } },
      { value: 0.2, label: { pinned: true } },
      { value: 0.1 },
    );
    expect(chosen(several)).toBe(2);
  });
});
