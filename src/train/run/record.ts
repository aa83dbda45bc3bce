// The record of a finished run: the object printed by `nnc train --json` and stored in run.json. JSON throughout, without non-finite
// numbers.
import type { ModelSpecification } from '../../runtime/specification.ts';
import type { ForecastResult } from '../forecast/forecast-score.ts';
import { recordForecast, type ForecastRecord } from '../forecast/text.ts';
import type { EpochReport, Evaluation, LoopEnd } from '../loop/events.ts';
import type { LoopState } from '../loop/state.ts';
import { parameterCount } from './config.ts';

/** Metrics by name, with `loss` and `examples` among them. */
export type MetricRecord = { readonly [name: string]: number | readonly number[] };

export interface RunRecord {
  readonly model: string;
  readonly source: string;
  readonly target: string;
  /** What the model ran on: `gpu.js webgpu`. */
  readonly mode: string;
  readonly batch: number;
  readonly seed: number;
  /** Complete epochs, including those before a `--resume`. */
  readonly epochs: number;
  /** Steps done, including those before a `--resume`. */
  readonly steps: number;
  /** The mean training loss of each complete epoch, including those before a `--resume`. */
  readonly losses: readonly number[];
  /** The same epochs' training metrics and validation. */
  readonly history: readonly (MetricRecord & { readonly epoch: number })[];
  /** The last complete epoch's. */
  readonly validation: MetricRecord | null;
  /** Over every example of the test part once; null without a test part, or if the run was interrupted before. */
  readonly test: MetricRecord | null;
  /** The best epoch by the monitored metric; null without one. Its test is omitted if it is the last epoch. */
  readonly best: BestRecord | null;
  /** The last state's forecasts of a series beside the naive ones; absent if nothing is forecast. */
  readonly forecast?: ForecastRecord;
  /** Time in training steps. */
  readonly seconds: number;
  readonly samples_per_second: number;
  /** The number of learned parameters. */
  readonly parameters: number;
  /** The path of the saved state; null if nothing was saved. */
  readonly checkpoint: string | null;
  readonly interrupted: boolean;
  readonly ended: LoopEnd | 'diverged';
}

export interface BestRecord {
  readonly metric: string;
  readonly value: number;
  readonly epoch: number;
  readonly checkpoint: string;
  readonly test?: MetricRecord;
}

export interface RunFacts {
  readonly specification: ModelSpecification;
  readonly mode: string;
  readonly seed: number;
  /** The path of the saved state; null if nothing was saved. */
  readonly checkpoint: string | null;
  /** The path of the best epoch's state. */
  readonly bestCheckpoint: string;
}

/** The result of a loop that ended or failed. */
export interface RunOutcome {
  readonly end: LoopEnd | 'diverged';
  readonly state: LoopState;
  readonly test?: Evaluation;
  readonly bestTest?: Evaluation;
  readonly forecast?: ForecastResult;
  readonly seconds: number;
  readonly samplesPerSecond: number;
}

export function recordRun(outcome: RunOutcome, facts: RunFacts): RunRecord {
  const { specification, mode, seed, checkpoint, bestCheckpoint } = facts;
  const { position, history, best } = outcome.state;
  const last = history.at(-1);
  return {
    model: specification.name,
    source: specification.source,
    target: specification.target,
    mode,
    batch: specification.batch,
    seed,
    epochs: position.epoch,
    steps: position.step,
    losses: history.map((epoch) => epoch.loss),
    history: history.map(recordEpoch),
    validation: last?.validation ? recordEvaluation(last.validation) : null,
    test: outcome.test ? recordEvaluation(outcome.test) : null,
    best: best && {
      ...best,
      checkpoint: bestCheckpoint,
      ...(outcome.bestTest && { test: recordEvaluation(outcome.bestTest) }),
    },
    ...(outcome.forecast && { forecast: recordForecast(outcome.forecast) }),
    seconds: outcome.seconds,
    samples_per_second: outcome.samplesPerSecond,
    parameters: parameterCount(specification),
    checkpoint,
    interrupted: outcome.end === 'interrupted',
    ended: outcome.end,
  };
}

function recordEvaluation({ examples, loss, metrics }: Evaluation): MetricRecord {
  return { examples, loss, ...Object.fromEntries(metrics) };
}

function recordEpoch({ epoch, loss, metrics, validation, learningRate, seconds }: EpochReport) {
  const validated = validation ? [['loss', validation.loss] as const, ...validation.metrics] : [];
  return {
    epoch,
    loss,
    ...Object.fromEntries(metrics),
    ...Object.fromEntries(validated.map(([name, value]) => [`validation_${name}`, value])),
    ...(learningRate !== undefined && { learning_rate: learningRate }),
    seconds,
  };
}
