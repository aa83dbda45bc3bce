// What the training loop tells whoever watches it. The loop prints nothing itself: the command line's progress, a log and a
// test are all observers.

/** Averages over examples, each exactly once; a metric that is not a scalar gives its elements in row-major order. */
export interface Evaluation {
  readonly examples: number;
  readonly loss: number;
  readonly metrics: ReadonlyMap<string, number | readonly number[]>;
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

export interface LoopPlan {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly batch: number;
  /** Examples of each part; validation is 0 when nothing is kept for it. */
  readonly examples: { readonly train: number; readonly validation: number; readonly test: number };
  readonly from: Position;
}

export interface StepReport {
  readonly position: Position;
  /** The batch's mean loss, before the step's update. */
  readonly loss: number;
  /** The mean over the epoch so far. */
  readonly meanLoss: number;
  /** Training examples a second, over this call of the loop, without validation and saving. */
  readonly samplesPerSecond: number;
}

export interface EpochReport {
  /** From 1. */
  readonly epoch: number;
  readonly loss: number;
  /** The mean over the epoch's steps, each before its update; buffers and dropout as in training. */
  readonly metrics: ReadonlyMap<string, number | readonly number[]>;
  readonly validation?: Evaluation;
  readonly seconds: number;
  readonly samplesPerSecond: number;
}

export interface TrainingObserver {
  started(plan: LoopPlan): void;
  stepped(report: StepReport): void;
  /** Called as the examples of a part are evaluated. */
  evaluating(part: 'validation' | 'test', done: number, total: number): void;
  epochEnded(report: EpochReport): void;
}
