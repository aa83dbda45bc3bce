// Summarizes a run's folder as a row of a list: model, progress, results and state. Its files are used as far as they are readable; their
// errors are included.
import { join } from 'node:path';
import type { Json } from '../runtime/specification.ts';
import { metricsName, readMetrics } from '../train/logs/metrics-file.ts';
import type { EpochLine, MetricLine } from '../train/logs/metric-lines.ts';
import { betterOf } from '../train/loop/monitor.ts';
import { fieldsOf, numberIn, textIn, type Fields } from './json-file.ts';
import { readRun, type RunFacts } from './run-facts.ts';

/** The last and best value of a scalar over the epochs. */
export interface Progress {
  readonly last: number;
  readonly best: number;
}

export interface RunSummary extends Omit<RunFacts, 'config' | 'record'> {
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

/** @param now milliseconds since 1970 */
export async function summarizeRun(
  parent: string,
  model: string,
  time: string,
  now = Date.now(),
): Promise<RunSummary> {
  const { config, record, ...facts } = await readRun(parent, model, time, now);
  const metrics = await readMetrics(join(facts.path, metricsName)).catch(
    (error: unknown) => error as NodeJS.ErrnoException,
  );
  const faults = [...facts.faults];
  if (metrics === undefined) faults.push(`${metricsName}: it is too large`);
  else if (metrics instanceof Error)
    faults.push(`${metricsName}: it cannot be read (${metrics.code ?? 'unknown'})`);
  else if (metrics.damaged > 1) faults.push(`${metricsName}: ${metrics.damaged} of its lines cannot be read`);
  const lines = metrics === undefined || metrics instanceof Error ? [] : metrics.lines;
  const epochs = lines.filter((line) => line.kind === 'epoch');
  const last = epochs.at(-1);
  const settings = fieldsOf(config?.get('settings'));
  const start = lines.findLast((line) => line.kind === 'start');
  return {
    ...facts,
    state: faults.length > 0 ? 'damaged' : facts.state,
    faults,
    epochs: last?.epoch ?? numberIn(record, 'epochs') ?? 0,
    plannedEpochs: start?.epochs ?? numberIn(settings, 'epochs') ?? null,
    steps: lines.at(-1)?.step ?? numberIn(record, 'steps') ?? 0,
    target: textIn(config, 'target') ?? textIn(record, 'target') ?? null,
    mode: textIn(config, 'mode') ?? textIn(record, 'mode') ?? null,
    parameters: numberIn(config, 'parameters') ?? numberIn(record, 'parameters') ?? null,
    progress: progressOf(epochs),
    test: testOf(lines, record),
    seconds: epochs.reduce((sum, { seconds }) => sum + (seconds || 0), 0),
    samplesPerSecond: last?.samples_per_second ?? numberIn(record, 'samples_per_second') ?? null,
    settings: settingsOf(config, record),
  };
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
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 200 || text.includes('\n');
}
