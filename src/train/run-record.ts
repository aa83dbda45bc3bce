// What a finished run says of itself: the object that `nnc train --json` prints and run.json keeps. JSON throughout; a number
// that is not finite has no place in it.
import type { ModelSpecification } from '../runtime/specification.ts';
import { elementCount } from '../runtime/tensor.ts';
import type { EpochReport, Evaluation } from './loop-events.ts';
import type { LoopResult } from './loop.ts';

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
  /** The mean training loss of each epoch that this run completed. */
  readonly losses: readonly number[];
  /** The same epochs' training metrics and validation. */
  readonly history: readonly (MetricRecord & { readonly epoch: number })[];
  readonly validation: MetricRecord | null;
  /** Over every example of the test part exactly once; null where there is none, or the run was interrupted before. */
  readonly test: MetricRecord | null;
  /** Time in training steps. */
  readonly seconds: number;
  readonly samples_per_second: number;
  /** How many numbers are learned. */
  readonly parameters: number;
  /** Where the state is kept; null when there was nothing to keep. */
  readonly checkpoint: string | null;
  readonly interrupted: boolean;
}

export interface RunFacts {
  readonly specification: ModelSpecification;
  readonly mode: string;
  readonly seed: number;
  /** Where the state is kept; null when there was nothing to keep. */
  readonly checkpoint: string | null;
}

export function recordRun(
  result: LoopResult,
  { specification, mode, seed, checkpoint }: RunFacts,
): RunRecord {
  const last = result.epochs.at(-1);
  const learned = specification.stored.filter(({ storage }) => storage === 'parameter');
  return {
    model: specification.name,
    source: specification.source,
    target: specification.target,
    mode,
    batch: specification.batch,
    seed,
    epochs: result.position.epoch,
    steps: result.position.step,
    losses: result.epochs.map((epoch) => epoch.loss),
    history: result.epochs.map(recordEpoch),
    validation: last?.validation ? recordEvaluation(last.validation) : null,
    test: result.test ? recordEvaluation(result.test) : null,
    seconds: result.seconds,
    samples_per_second: result.samplesPerSecond,
    parameters: learned.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    checkpoint,
    interrupted: result.interrupted,
  };
}

function recordEvaluation({ examples, loss, metrics }: Evaluation): MetricRecord {
  return { examples, loss, ...Object.fromEntries(metrics) };
}

function recordEpoch({ epoch, loss, metrics, validation, seconds }: EpochReport) {
  const validated = validation ? [['loss', validation.loss] as const, ...validation.metrics] : [];
  return {
    epoch,
    loss,
    ...Object.fromEntries(metrics),
    ...Object.fromEntries(validated.map(([name, value]) => [`validation_${name}`, value])),
    seconds,
  };
}
