// What a run's small files say of it: how it was set up, how it ended, its best epoch, its label. Enough to choose a run; the curves are
// in run-summary.ts.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointSuffix } from '../train/checkpoint/checkpoint.ts';
import { metricsName } from '../train/logs/metrics-file.ts';
import type { Best } from '../train/loop/monitor.ts';
import { configName, importName, lockName, recordName } from '../train/run/context.ts';
import { holderOf } from '../train/run/lock.ts';
import { programAbout, type Program } from '../train/run/program.ts';
import { fieldsOf, numberIn, readJsonFile, textIn, type Fields, type JsonFile } from './json-file.ts';
import { labelIn, labelName, readLabel, type RunLabel } from './run-label.ts';

/**
 * running: its lock is held, or something was logged recently, and no record says that it ended; unfinished: without a record, so it was
 * killed, or is stalled; range test: `nnc train --find-lr` left its chart there; imported: `nnc import` made its checkpoint; damaged: a
 * file is not as a run writes it.
 */
export type RunState =
  | 'running'
  | 'completed'
  | 'stopped'
  | 'out of time'
  | 'interrupted'
  | 'diverged'
  | 'unfinished'
  | 'range test'
  | 'imported'
  | 'damaged';

export interface RunFacts {
  /** `mnist-mlp/2026-03-01_14-05-09`: its path in runs/. */
  readonly id: string;
  /** Its parent folder's name: the model's file name. */
  readonly model: string;
  /** The folder's name: the start time. */
  readonly time: string;
  /** The folder. */
  readonly path: string;
  readonly label: RunLabel;
  readonly state: RunState;
  /** The errors of its files, a sentence each. */
  readonly faults: readonly string[];
  /** config.json and run.json, as far as they can be read. */
  readonly config: Fields | undefined;
  readonly record: Fields | undefined;
  /** The time of its newest checkpoint, in milliseconds; -Infinity if there is none. */
  readonly saved: number;
}

/** Milliseconds since the last write within which a run without a lock counts as running. */
const livelyFor = 120_000;

/** @param now milliseconds since 1970 */
export async function readRun(
  parent: string,
  model: string,
  time: string,
  now = Date.now(),
): Promise<RunFacts> {
  const path = join(parent, model, time);
  const [config, record, label, names] = await Promise.all([
    readJsonFile(join(path, configName)),
    readJsonFile(join(path, recordName)),
    readLabel(path),
    readdir(path).catch((): string[] => []),
  ]);
  const files = new Map<string, JsonFile>([
    [configName, config],
    [recordName, record],
    [labelName, label],
  ]);
  const faults = [...files].flatMap(([name, file]) =>
    file.kind === 'damaged' ? [`${name}: ${file.reason}`] : [],
  );
  const isRangeTest = config.kind === 'missing' && names.includes('find-lr.json');
  const isImported = config.kind === 'missing' && names.includes(importName);
  const written = [configName, recordName, metricsName].some((name) => names.includes(name));
  const checkpoints = names.filter((name) => name.endsWith(checkpointSuffix));
  if (!written && !isRangeTest && checkpoints.length === 0) faults.push('it holds nothing that a run writes');
  const recorded = record.kind === 'read' ? record.fields : undefined;
  const state = async (): Promise<RunState> => {
    if (faults.length > 0) return 'damaged';
    if (isRangeTest) return 'range test';
    if (names.includes(lockName) && (await holderOf(join(path, lockName))) !== undefined) return 'running';
    if (isImported) return 'imported';
    return endOf(recorded) ?? (await livelyOrNot(path, names, now));
  };
  return {
    id: `${model}/${time}`,
    model,
    time,
    path,
    label: labelIn(label),
    state: await state(),
    faults,
    config: config.kind === 'read' ? config.fields : undefined,
    record: recorded,
    saved: await lastWritten(path, checkpoints),
  };
}

const ends: ReadonlyMap<string, RunState> = new Map(
  (['completed', 'stopped', 'out of time', 'interrupted', 'diverged'] as const).map((end) => [end, end]),
);

function endOf(record: Fields | undefined): RunState | undefined {
  if (!record) return undefined;
  return (
    ends.get(textIn(record, 'ended') ?? '') ??
    (record.get('interrupted') === true ? 'interrupted' : 'completed')
  );
}

/** A run that was killed leaves its lock, whose holder is dead; without any lock only the time of its files tells. */
async function livelyOrNot(path: string, names: readonly string[], now: number): Promise<RunState> {
  if (names.includes(lockName)) return 'unfinished';
  for (const name of [metricsName, configName]) {
    const written = await stat(join(path, name)).catch(() => undefined);
    if (written && now - written.mtimeMs < livelyFor) return 'running';
  }
  return 'unfinished';
}

async function lastWritten(folder: string, checkpoints: readonly string[]): Promise<number> {
  const times = await Promise.all(
    checkpoints.map((name) =>
      stat(join(folder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => -Infinity,
      ),
    ),
  );
  return Math.max(-Infinity, ...times);
}

/** The settings that the run was resolved to. */
export function settingsIn({ config }: RunFacts): Fields | undefined {
  return fieldsOf(config?.get('settings'));
}

/** Its best epoch by its monitor; undefined if nothing was monitored. */
export function bestIn({ record }: RunFacts): Best | undefined {
  const best = fieldsOf(record?.get('best'));
  const metric = textIn(best, 'metric');
  const value = numberIn(best, 'value');
  const epoch = numberIn(best, 'epoch');
  return metric === undefined || value === undefined || epoch === undefined
    ? undefined
    : { metric, value, epoch };
}

/** The mean training loss of its last complete epoch. */
export function lastLossIn({ record }: RunFacts): number | undefined {
  const losses = record?.get('losses');
  const last: unknown = Array.isArray(losses) ? losses.at(-1) : undefined;
  return typeof last === 'number' ? last : undefined;
}

/** The program that it trained. */
export function programOf({ config }: RunFacts): Program | undefined {
  const about = fieldsOf(config?.get('about'));
  return about && programAbout(about);
}
