// What a compiled model says of itself: the data that the generated module exports as `specification` and that the trainer,
// the checkpoints and the CLI read. JSON throughout. It stands in runtime/, the lowest rank, so that everything may import it.
import type { MemoryUse } from './memory-use.ts';
import type { UnaryFunction } from './unary-functions.ts';

/**
 * How a stored tensor starts, element by element. Random kinds draw from the run's seed and the tensor's path
 * (src/runtime/random.ts), so every target starts from the same bits.
 */
export type Initializer =
  | { readonly kind: 'fill'; readonly value: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  /** A random matrix with orthonormal rows or columns (the tensor seen as [first axis, rest]), times gain. */
  | { readonly kind: 'orthogonal'; readonly gain: number }
  /** One where the positions along the two axes are equal, else zero. */
  | { readonly kind: 'eye'; readonly axes: readonly [number, number] }
  /** 0, 1, 2, … along an axis. */
  | { readonly kind: 'iota'; readonly axis: number }
  | { readonly kind: 'unary'; readonly function: UnaryFunction; readonly operand: Initializer }
  | {
      readonly kind: 'binary';
      readonly operator: '+' | '-' | '*' | '/' | '^';
      readonly left: Initializer;
      readonly right: Initializer;
    };

/** The kinds of tensor that live from step to step. */
export type Storage = 'parameter' | 'buffer' | 'constant' | 'state';

/** JSON of the settings. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** `real`: any float; `class`: one whole number below `limit`; `int`: whole numbers below `limit`. */
export interface Port {
  readonly name: string;
  /** Per example, without the batch: [] for a class. */
  readonly shape: readonly number[];
  readonly kind: 'real' | 'class' | 'int';
  readonly limit?: number;
}

/** A value that leaves the model: its shape is per example. */
export interface Result {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What is averaged over the examples for a metric, or the covariance of two such values. */
export interface StatisticResult extends Result {
  /** The names of the two whose covariance it is; one name twice for a variance. */
  readonly of?: readonly [string, string];
}

/** A metric: what is averaged over the examples, unless `statistics` are averaged for it. */
export interface MetricResult extends Result {
  /** Of a metric over all examples: what its program `metrics` computes it from. */
  readonly statistics?: readonly StatisticResult[];
}

/** A tensor that lives from step to step. Parameters stand in the order of the `.nn` text. */
export interface StoredTensor {
  /** `linear_1.W`; an optimizer's state has its slot behind it: `linear_1.W#v`. */
  readonly path: string;
  readonly shape: readonly number[];
  readonly storage: Storage;
  readonly initial: Initializer;
  /** Set where none of the compiled programs reads or writes it. */
  readonly idle?: true;
}

/** `data mnist(normalize = true)` */
export interface DataSetting {
  readonly name: string;
  readonly positional: readonly Json[];
  readonly named: { readonly [name: string]: Json };
}

/** `train { … }` after defaults and overrides. */
export interface TrainSettings {
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  /** Batches whose mean gradient makes one update; absent for 1. */
  readonly accumulate?: number;
  /** The share of the training part kept for validation, 0 ≤ v < 1. */
  readonly validation: number;
  /** Epochs without a better one after which training stops. */
  readonly patience?: number;
  /** What makes an epoch better: a metric's name, with `validation_` before it for the validation part's. */
  readonly monitor?: string;
}

export type ProgramName = 'forward' | 'evaluate' | 'step' | 'metrics' | 'gradient' | 'inverse';

export interface ModelSpecification {
  readonly format: 1;
  readonly name: string;
  /** The `.nn` file's base name. */
  readonly source: string;
  readonly target: string;
  /** Examples in a compiled batch; every program runs exactly this many. */
  readonly batch: number;
  readonly inputs: readonly Port[];
  readonly targets: readonly Port[];
  readonly outputs: readonly Result[];
  /** Values of each example, or `statistics` of each example, averaged by the caller. */
  readonly metrics: readonly MetricResult[];
  readonly stored: readonly StoredTensor[];
  readonly programs: readonly ProgramName[];
  readonly data?: DataSetting;
  readonly train: TrainSettings;
  /** Absent where the model was compiled for no machine, to be looked at only. */
  readonly memory?: MemoryUse;
  /** A hash of the names and shapes of inputs, outputs and stored tensors: a checkpoint fits a model with the same. */
  readonly fingerprint: string;
}
