// What a finished run says of itself: the object that `nnc train --json` prints and run.json keeps. JSON throughout; a number
// that is not finite has no place in it.
import type { ModelSpecification } from '../../runtime/specification.ts';
import type { EpochReport, Evaluation, LoopEnd } from '../loop/events.ts';
import type { LoopState } from '../loop/state.ts';
import { parameterCount } from './config.ts';

/** Metrics by name, with `loss` and `examples` among them. */
export type MetricRecord = { readonly [name: string]: number | readonly number[] };

export interface RunRecord {
  readonly model: string;
  readonly source: string;
  readonly target: string;
  /** What really ran: `gpu.js webgpu`. */
  readonly mode: string;
  readonly batch: number;
  readonly seed: number;
  /** Complete epochs, those before a `--resume` included. */
  readonly epochs: number;
  /** Steps taken, those before a `--resume` included. */
  readonly steps: number;
  /** The mean training loss of each complete epoch, those before a `--resume` included. */
  readonly losses: readonly number[];
  /** The same epochs' training metrics and validation. */
  readonly history: readonly (MetricRecord & { readonly epoch: number })[];
  /** The last complete epoch's. */
  readonly validation: MetricRecord | null;
  /** Over every example of the test part exactly once; null where there is none, or the run was interrupted before. */
  readonly test: MetricRecord | null;
  /** The best epoch by what was monitored; null where nothing was. Its test is left out where it is the last epoch's. */
  readonly best: BestRecord | null;
  /** Time in training steps. */
  readonly seconds: number;
  readonly samples_per_second: number;
  /** How many numbers are learned. */
  readonly parameters: number;
  /** Where the state is kept; null when there was nothing to keep. */
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
  /** Where the state is kept; null when there was nothing to keep. */
  readonly checkpoint: string | null;
  /** Where the best epoch's is. */
  readonly bestCheckpoint: string;
}

/** What a loop leaves behind, whether it ended or failed. */
export interface RunOutcome {
  readonly end: LoopEnd | 'diverged';
  readonly state: LoopState;
  readonly test?: Evaluation;
  readonly bestTest?: Evaluation;
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
