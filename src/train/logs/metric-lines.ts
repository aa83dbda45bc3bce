// The lines of a run's metrics.jsonl. Each is a JSON object with its kind; lines are validated field by field when read, so that a
// foreign or truncated file gives fewer lines and never a wrong one. A number that is not finite is null in the file and NaN here. `step`
// counts from the run's start and never decreases.
import type { Evaluation, EpochReport, LoopPlan, MetricValue } from '../loop/events.ts';

/** Written when the loop starts, and again when it resumes after `--resume`. */
export interface StartLine {
  readonly kind: 'start';
  readonly step: number;
  /** Seconds since 1970. */
  readonly time: number;
  readonly epochs: number;
  readonly steps_per_epoch: number;
  readonly batch: number;
}

/** Loss and metrics are means over the steps since the previous line. */
export interface StepLine {
  readonly kind: 'step';
  readonly step: number;
  /** The step's epoch, from 1. */
  readonly epoch: number;
  readonly time: number;
  readonly loss: number;
  /** Scalar metrics only. */
  readonly metrics: ReadonlyMap<string, number>;
  readonly learning_rate?: number;
  readonly samples_per_second: number;
}

export interface EpochLine {
  readonly kind: 'epoch';
  readonly step: number;
  readonly epoch: number;
  readonly time: number;
  readonly loss: number;
  readonly metrics: ReadonlyMap<string, MetricValue>;
  readonly validation?: EvaluationEntry;
  readonly learning_rate?: number;
  /** Time in training steps. */
  readonly seconds: number;
  readonly samples_per_second: number;
  /** Whether it is the best so far by the monitored metric. */
  readonly best: boolean;
}

export interface TestLine {
  readonly kind: 'test';
  readonly step: number;
  readonly time: number;
  /** The tested weights. */
  readonly state: 'last' | 'best';
  readonly result: EvaluationEntry;
}

export interface EvaluationEntry {
  readonly examples: number;
  readonly loss: number;
  readonly metrics: ReadonlyMap<string, MetricValue>;
}

export type MetricLine = StartLine | StepLine | EpochLine | TestLine;

/** A metric with more elements is not logged. */
const mostElements = 1024;

export function startLine(plan: LoopPlan, time: number): StartLine {
  return {
    kind: 'start',
    step: plan.from.step,
    time,
    epochs: plan.epochs,
    steps_per_epoch: plan.stepsPerEpoch,
    batch: plan.batch,
  };
}

export function epochLine(report: EpochReport, time: number): EpochLine {
  const { validation, learningRate } = report;
  return {
    kind: 'epoch',
    step: report.step,
    epoch: report.epoch,
    time,
    loss: report.loss,
    metrics: report.metrics,
    ...(validation && { validation: evaluationEntry(validation) }),
    ...(learningRate !== undefined && { learning_rate: learningRate }),
    seconds: report.seconds,
    samples_per_second: report.samplesPerSecond,
    best: report.best,
  };
}

export function evaluationEntry({ examples, loss, metrics }: Evaluation): EvaluationEntry {
  return { examples, loss, metrics };
}

/** The line's text, including the line break. */
export function showLine(line: MetricLine): string {
  const text = JSON.stringify(line, (_, value: unknown) =>
    value instanceof Map
      ? Object.fromEntries([...(value as ReadonlyMap<string, MetricValue>)].filter(fits))
      : value,
  );
  return `${text}\n`;
}

function fits([, value]: readonly [string, MetricValue]): boolean {
  return typeof value === 'number' || value.length <= mostElements;
}

/** The parsed line, or undefined if it is invalid. */
export function parseLine(text: string): MetricLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const fields = fieldsOf(value);
  const step = count(fields.get('step'));
  const time = number(fields.get('time'));
  if (step === undefined || time === undefined || !Number.isFinite(time)) return undefined;
  switch (fields.get('kind')) {
    case 'start':
      return parseStart(fields, step, time);
    case 'step':
      return parseStep(fields, step, time);
    case 'epoch':
      return parseEpoch(fields, step, time);
    case 'test':
      return parseTest(fields, step, time);
    default:
      return undefined;
  }
}

type Fields = ReadonlyMap<string, unknown>;

function parseStart(fields: Fields, step: number, time: number): StartLine | undefined {
  const [epochs, perEpoch, batch] = ['epochs', 'steps_per_epoch', 'batch'].map((name) =>
    count(fields.get(name)),
  );
  if (epochs === undefined || perEpoch === undefined || batch === undefined) return undefined;
  return { kind: 'start', step, time, epochs, steps_per_epoch: perEpoch, batch };
}

function parseStep(fields: Fields, step: number, time: number): StepLine | undefined {
  const epoch = count(fields.get('epoch'));
  const loss = number(fields.get('loss'));
  const rate = number(fields.get('samples_per_second'));
  if (epoch === undefined || loss === undefined || rate === undefined) return undefined;
  const scalars = [...metrics(fields.get('metrics'))].flatMap(([name, value]) =>
    typeof value === 'number' ? [[name, value] as const] : [],
  );
  return {
    kind: 'step',
    step,
    epoch,
    time,
    loss,
    metrics: new Map(scalars),
    ...learningRate(fields),
    samples_per_second: rate,
  };
}

function parseEpoch(fields: Fields, step: number, time: number): EpochLine | undefined {
  const epoch = count(fields.get('epoch'));
  const loss = number(fields.get('loss'));
  const seconds = number(fields.get('seconds'));
  const rate = number(fields.get('samples_per_second'));
  if (epoch === undefined || loss === undefined || seconds === undefined || rate === undefined)
    return undefined;
  const validation = evaluation(fields.get('validation'));
  return {
    kind: 'epoch',
    step,
    epoch,
    time,
    loss,
    metrics: metrics(fields.get('metrics')),
    ...(validation && { validation }),
    ...learningRate(fields),
    seconds,
    samples_per_second: rate,
    best: fields.get('best') === true,
  };
}

function parseTest(fields: Fields, step: number, time: number): TestLine | undefined {
  const result = evaluation(fields.get('result'));
  const state = fields.get('state');
  if (!result || (state !== 'last' && state !== 'best')) return undefined;
  return { kind: 'test', step, time, state, result };
}

function fieldsOf(value: unknown): Fields {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}

function learningRate(fields: Fields): { readonly learning_rate?: number } {
  const found = number(fields.get('learning_rate'));
  return found === undefined ? {} : { learning_rate: found };
}

function evaluation(value: unknown): EvaluationEntry | undefined {
  const fields = fieldsOf(value);
  const examples = count(fields.get('examples'));
  const loss = number(fields.get('loss'));
  if (examples === undefined || loss === undefined) return undefined;
  return { examples, loss, metrics: metrics(fields.get('metrics')) };
}

function metrics(value: unknown): ReadonlyMap<string, MetricValue> {
  const found = new Map<string, MetricValue>();
  for (const [name, entry] of fieldsOf(value)) {
    const scalar = number(entry);
    if (scalar !== undefined) found.set(name, scalar);
    else if (Array.isArray(entry)) {
      const elements = entry.map(number);
      if (elements.every((element) => element !== undefined)) found.set(name, elements);
    }
  }
  return found;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function number(value: unknown): number | undefined {
  if (value === null) return NaN;
  return typeof value === 'number' ? value : undefined;
}
