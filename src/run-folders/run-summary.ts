// Summarizes a run's folder as a row of a list: model, progress, results and state. Its files are used as far as they are readable; their
// errors are included.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '../runtime/specification.ts';
import { checkpointSuffix } from '../train/checkpoint/checkpoint.ts';
import { metricsName, readMetrics } from '../train/logs/metrics-file.ts';
import type { EpochLine, MetricLine } from '../train/logs/metric-lines.ts';
import { betterOf } from '../train/loop/monitor.ts';
import { configName, recordName } from '../train/run/context.ts';
import { fieldsOf, numberIn, readJsonFile, textIn, type Fields } from './json-file.ts';

/**
 * running: something was logged recently, and no record says that it ended; unfinished: without a record, so it was killed, or is
 * stalled; range test: `nnc train --find-lr` left its chart there; damaged: a file is not as a run writes it.
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
  | 'damaged';

/** The last and best value of a scalar over the epochs. */
export interface Progress {
  readonly last: number;
  readonly best: number;
}

export interface RunSummary {
  /** `mnist-mlp/2026-03-01_14-05-09`: its path in runs/. */
  readonly id: string;
  /** Its parent folder's name: the model's file name. */
  readonly model: string;
  /** The folder's name: the start time. */
  readonly time: string;
  /** The folder. */
  readonly path: string;
  readonly state: RunState;
  /** The errors of its files, a sentence each. */
  readonly faults: readonly string[];
  /** Complete epochs. */
  readonly epochs: number;
  /** The planned number of epochs. */
  readonly plannedEpochs: number | null;
  readonly steps: number;
  readonly target: string | null;
  readonly mode: string | null;
  readonly parameters: number | null;
  /** `loss`, `accuracy`, `validation_loss`, …: over the epochs' means. */
  readonly progress: ReadonlyMap<string, Progress>;
  /** `loss`, `accuracy`, … over the test part; empty where there was none. */
  readonly test: ReadonlyMap<string, number>;
  /** Time in training steps. */
  readonly seconds: number;
  readonly samplesPerSecond: number | null;
  /** Resolved settings and hyper-parameters, by name, which distinguish runs. */
  readonly settings: ReadonlyMap<string, Json>;
}

/** Milliseconds since the last write within which a run counts as running. */
const livelyFor = 120_000;

/** @param now milliseconds since 1970 */
export async function summarizeRun(
  parent: string,
  model: string,
  time: string,
  now = Date.now(),
): Promise<RunSummary> {
  const path = join(parent, model, time);
  const [config, record, metrics] = await Promise.all([
    readJsonFile(join(path, configName)),
    readJsonFile(join(path, recordName)),
    readMetrics(join(path, metricsName)).catch((error: unknown) => error as NodeJS.ErrnoException),
  ]);
  const faults: string[] = [];
  for (const [name, file] of [
    [configName, config],
    [recordName, record],
  ] as const)
    if (file.kind === 'damaged') faults.push(`${name}: ${file.reason}`);
  if (metrics === undefined) faults.push(`${metricsName}: it is too large`);
  else if (metrics instanceof Error)
    faults.push(`${metricsName}: it cannot be read (${metrics.code ?? 'unknown'})`);
  else if (metrics.damaged > 1) faults.push(`${metricsName}: ${metrics.damaged} of its lines cannot be read`);
  const lines = metrics === undefined || metrics instanceof Error ? [] : metrics.lines;
  const names: readonly string[] = await readdir(path).catch(() => []);
  const isRangeTest = config.kind === 'missing' && names.includes('find-lr.json');
  const written = [configName, recordName, metricsName].some((name) => names.includes(name));
  if (!written && !isRangeTest && !names.some((name) => name.endsWith(checkpointSuffix)))
    faults.push('it holds nothing that a run writes');

  const configured = config.kind === 'read' ? config.fields : undefined;
  const recorded = record.kind === 'read' ? record.fields : undefined;
  const epochs = lines.filter((line) => line.kind === 'epoch');
  const last = epochs.at(-1);
  const settings = fieldsOf(configured?.get('settings'));
  const start = lines.findLast((line) => line.kind === 'start');
  return {
    id: `${model}/${time}`,
    model,
    time,
    path,
    state:
      faults.length > 0
        ? 'damaged'
        : isRangeTest
          ? 'range test'
          : (endOf(recorded) ?? (await livelyOrNot(path, now))),
    faults,
    epochs: last?.epoch ?? numberIn(recorded, 'epochs') ?? 0,
    plannedEpochs: start?.epochs ?? numberIn(settings, 'epochs') ?? null,
    steps: lines.at(-1)?.step ?? numberIn(recorded, 'steps') ?? 0,
    target: textIn(configured, 'target') ?? textIn(recorded, 'target') ?? null,
    mode: textIn(configured, 'mode') ?? textIn(recorded, 'mode') ?? null,
    parameters: numberIn(configured, 'parameters') ?? numberIn(recorded, 'parameters') ?? null,
    progress: progressOf(epochs),
    test: testOf(lines, recorded),
    seconds: epochs.reduce((sum, { seconds }) => sum + (seconds || 0), 0),
    samplesPerSecond: last?.samples_per_second ?? numberIn(recorded, 'samples_per_second') ?? null,
    settings: settingsOf(configured, recorded),
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

async function livelyOrNot(path: string, now: number): Promise<RunState> {
  for (const name of [metricsName, configName]) {
    const written = await stat(join(path, name)).catch(() => undefined);
    if (written && now - written.mtimeMs < livelyFor) return 'running';
  }
  return 'unfinished';
}

function progressOf(epochs: readonly EpochLine[]): Map<string, Progress> {
  const found = new Map<string, Progress>();
  const add = (name: string, value: unknown) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) return;
    const before = found.get(name)?.best ?? value;
    found.set(name, {
      last: value,
      best: betterOf(name) === 'lower' ? Math.min(before, value) : Math.max(before, value),
    });
  };
  for (const { loss, metrics, validation } of epochs) {
    add('loss', loss);
    for (const [name, value] of metrics) add(name, value);
    if (validation) add('validation_loss', validation.loss);
    for (const [name, value] of validation?.metrics ?? []) add(`validation_${name}`, value);
  }
  return found;
}

function testOf(lines: readonly MetricLine[], record: Fields | undefined): Map<string, number> {
  const line = lines.findLast((found) => found.kind === 'test');
  const entries = line
    ? [['loss', line.result.loss] as const, ...line.result.metrics]
    : [...(fieldsOf(record?.get('test')) ?? [])].filter(([name]) => name !== 'examples');
  return new Map(
    entries.flatMap(([name, value]) =>
      typeof value === 'number' && Number.isFinite(value) ? [[name, value]] : [],
    ),
  );
}

/** Settings chosen by a person or determined by the machine: no paths or times, which differ between any two runs. */
function settingsOf(config: Fields | undefined, record: Fields | undefined): Map<string, Json> {
  const found = new Map<string, Json>();
  const add = (name: string, value: Json | undefined) => {
    if (value !== undefined && value !== null) found.set(name, value);
  };
  for (const [name, value] of fieldsOf(config?.get('settings')) ?? []) add(name, value);
  for (const name of ['batch', 'seed']) if (!found.has(name)) add(name, record?.get(name));
  add('target', config?.get('target') ?? record?.get('target'));
  add('mode', config?.get('mode') ?? record?.get('mode'));
  add('parameters', config?.get('parameters') ?? record?.get('parameters'));
  const data = fieldsOf(config?.get('data'));
  add('data', data?.get('description'));
  add('data fingerprint', data?.get('fingerprint'));
  add('preprocessing', data?.get('preprocessing'));
  add('model fingerprint', config?.get('fingerprint'));
  const about = fieldsOf(config?.get('about'));
  for (const [name, value] of about ?? []) if (!isLongText(value)) add(name, value);
  for (const [name, value] of fieldsOf(config?.get('machine')) ?? []) add(name, value);
  return found;
}

function isLongText(value: Json): boolean {
  return typeof value === 'string' && (value.length > 200 || value.includes('\n'));
}
