// What the training loop tells whoever watches it. The loop prints nothing itself: the command line's progress, a log and a
// test are all observers.
import type { Evaluation as ModelEvaluation, ModelArrays } from '../../runtime/model.ts';

/** A number, or a metric's elements in row-major order (a [K, K] confusion matrix: K² numbers). */
export type MetricValue = number | readonly number[];

/** Averages over examples, each exactly once. */
export interface Evaluation {
  readonly examples: number;
  readonly loss: number;
  readonly metrics: ReadonlyMap<string, MetricValue>;
}

/** Where a run is: the state after `steps` steps. */
export interface Position {
  /** Complete epochs. */
  readonly epoch: number;
  /** Steps done of the epoch that comes after them. */
  readonly batch: number;
  /** Steps done since the run began, over all epochs. */
  readonly step: number;
}

/** The number that decides which epoch is the best. */
export interface Monitor {
  /** `validation_loss`, `validation_accuracy`, `loss`, … */
  readonly name: string;
  readonly better: 'lower' | 'higher';
}

export interface LoopPlan {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly batch: number;
  /** Examples of each part; validation is 0 when nothing is kept for it. */
  readonly examples: { readonly train: number; readonly validation: number; readonly test: number };
  /** Behind the start where a run is resumed: what a log holds of later steps is to be overwritten. */
  readonly from: Position;
  /** Absent where no epoch is better than another: there is no validation, and no metric was named. */
  readonly monitor?: Monitor;
}

export interface StepReport {
  readonly position: Position;
  /** The batch's mean loss, before the step's update. */
  readonly loss: number;
  /** The mean over the epoch so far, steps before a `--resume` included. */
  readonly meanLoss: number;
  /** The batch's metrics, before the step's update. */
  readonly metrics: ReadonlyMap<string, MetricValue>;
  /** What the step's update was scaled by, schedule included; absent where the optimizer has no `lr`. */
  readonly learningRate?: number;
  /** Training examples a second, over this call of the loop, without validation and saving. */
  readonly samplesPerSecond: number;
  /** Until the last epoch's last step, at the present speed; validation so far counts with its share. */
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
  /** Whether the monitored number was better than ever before; false without a monitor. */
  readonly best: boolean;
  /** In training steps, those before a `--resume` included. */
  readonly seconds: number;
  readonly samplesPerSecond: number;
}

/** Why the loop ended. */
export type LoopEnd =
  /** All epochs are done. */
  | 'completed'
  /** The monitored number did not get better for as many epochs as `patience` says. */
  | 'stopped'
  /** `--max-time` was used up. */
  | 'out of time'
  /** A signal asked for it. */
  | 'interrupted';

/** Called in the order of the methods; the loop does not wait, so that what is slow is to be queued. */
export interface TrainingObserver {
  started?(plan: LoopPlan): void;
  stepped?(report: StepReport): void;
  /** Called as the examples of a part are evaluated. */
  evaluating?(part: 'validation' | 'test', done: number, total: number): void;
  /** Called for every piece of an evaluation; the arrays and what the model made of them may be kept. */
  examined?(
    part: 'validation' | 'test',
    firstExample: number,
    arrays: ModelArrays,
    found: ModelEvaluation,
  ): void;
  /** Called once the epoch's checkpoint is written. */
  epochEnded?(report: EpochReport): void;
  /** The test part's averages, with the state after the last step, or with the best one's where that is another. */
  tested?(evaluation: Evaluation, state: 'last' | 'best'): void;
}

/** One observer that hands on everything to several. */
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
