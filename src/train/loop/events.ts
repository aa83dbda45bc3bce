// The events of the training loop, for its observers. The loop prints nothing itself: the command line's progress, a log and a test are
// all observers.
import type { Evaluation as ModelEvaluation, ModelArrays } from '../../runtime/model.ts';

/** A number, or a metric's elements in row-major order (a [K, K] confusion matrix: K² numbers). */
export type MetricValue = number | readonly number[];

/** Averages over examples, each exactly once. */
export interface Evaluation {
  readonly examples: number;
  readonly loss: number;
  readonly metrics: ReadonlyMap<string, MetricValue>;
}

/** A run's position: the state after `steps` steps. */
export interface Position {
  /** Complete epochs. */
  readonly epoch: number;
  /** Steps done in the current, incomplete epoch. */
  readonly batch: number;
  /** Steps done since the run's start, over all epochs. */
  readonly step: number;
}

/** The metric that determines the best epoch. */
export interface Monitor {
  /** `validation_loss`, `validation_accuracy`, `loss`, … */
  readonly name: string;
  readonly better: 'lower' | 'higher';
}

export interface LoopPlan {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly batch: number;
  /** Examples of each part; validation is 0 if nothing is held out. */
  readonly examples: { readonly train: number; readonly validation: number; readonly test: number };
  /** Later than the start if a run is resumed: later steps in a log are to be overwritten. */
  readonly from: Position;
  /** Absent if no epoch is better than another: without validation or a named metric. */
  readonly monitor?: Monitor;
}

export interface StepReport {
  readonly position: Position;
  /** The batch's mean loss, before the step's update. */
  readonly loss: number;
  /** The mean over the epoch so far, including steps before a `--resume`. */
  readonly meanLoss: number;
  /** The batch's metrics, before the step's update. */
  readonly metrics: ReadonlyMap<string, MetricValue>;
  /** The scale of the step's update, schedule included; absent where the optimizer has no `lr`. */
  readonly learningRate?: number;
  /** Training examples per second, in this call of the loop, without validation and saving. */
  readonly samplesPerSecond: number;
  /** Until the run's last step, at the present speed, including a share for validation. */
  readonly secondsLeft: number;
}

export interface EpochReport {
  /** From 1. */
  readonly epoch: number;
  /** Steps of the run up to the epoch's end. */
  readonly step: number;
  readonly loss: number;
  /** The mean over the epoch's steps, each before its update; buffers and dropout as in training. */
  readonly metrics: ReadonlyMap<string, MetricValue>;
  readonly validation?: Evaluation;
  /** Of the epoch's last step. */
  readonly learningRate?: number;
  /** Whether the monitored metric was the best so far; false without a monitor. */
  readonly best: boolean;
  /** Time in training steps, including those before a `--resume`. */
  readonly seconds: number;
  readonly samplesPerSecond: number;
}

/** Why the loop ended. */
export type LoopEnd =
  /** All epochs are done. */
  | 'completed'
  /** Early stopping: the monitored metric did not improve for `patience` epochs. */
  | 'stopped'
  /** `--max-time` has elapsed. */
  | 'out of time'
  /** A signal requested it. */
  | 'interrupted';

/** Called in the order of the methods; the loop does not wait, so that slow work must be queued. */
export interface TrainingObserver {
  started?(plan: LoopPlan): void;
  stepped?(report: StepReport): void;
  /** Called as the examples of a part are evaluated. */
  evaluating?(part: 'validation' | 'test', done: number, total: number): void;
  /** Called for every chunk of an evaluation; the arrays and the model's results may be kept. */
  examined?(
    part: 'validation' | 'test',
    firstExample: number,
    arrays: ModelArrays,
    found: ModelEvaluation,
  ): void;
  /** Called after the epoch's checkpoint is written. */
  epochEnded?(report: EpochReport): void;
  /** The test part's averages, with the last state, or with the best epoch's if that is another. */
  tested?(evaluation: Evaluation, state: 'last' | 'best'): void;
}

/** An observer that forwards events to several. */
export function observeAll(observers: readonly TrainingObserver[]): Required<TrainingObserver> {
  return {
    started: (plan) => observers.forEach((each) => each.started?.(plan)),
    stepped: (report) => observers.forEach((each) => each.stepped?.(report)),
    evaluating: (part, done, total) => observers.forEach((each) => each.evaluating?.(part, done, total)),
    examined: (part, first, arrays, found) =>
      observers.forEach((each) => each.examined?.(part, first, arrays, found)),
    epochEnded: (report) => observers.forEach((each) => each.epochEnded?.(report)),
    tested: (evaluation, state) => observers.forEach((each) => each.tested?.(evaluation, state)),
  };
}
