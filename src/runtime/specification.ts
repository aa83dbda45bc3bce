// The specification of a compiled model: the JSON data exported by the generated module as `specification` and read by the trainer, the
// checkpoints and the CLI. It is in runtime/, the lowest layer, so that everything may import it.
import type { MemoryUse } from './memory-use.ts';
import type { UnaryFunction } from './unary-functions.ts';

/**
 * The initial value of a stored tensor, element by element. Random kinds draw from the run's seed and the tensor's path
 * (src/runtime/random.ts), so that all targets start from the same bits.
 */
export type Initializer =
  | { readonly kind: 'fill'; readonly value: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  /** A random matrix with orthonormal rows or columns (the tensor seen as [first axis, rest]), times gain. */
  | { readonly kind: 'orthogonal'; readonly gain: number }
  /** One where the indices along the two axes are equal, else zero. */
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

/** The kinds of tensors that persist across steps. */
export type Storage = 'parameter' | 'buffer' | 'constant' | 'state';

/** JSON of the settings. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** `real`: any float; `class`: one integer below `limit`; `int`: integers below `limit`. */
export interface Port {
  readonly name: string;
  /** Per example, without the batch: [] for a class. */
  readonly shape: readonly number[];
  readonly kind: 'real' | 'class' | 'int';
  readonly limit?: number;
}

/** Scores become probabilities by softmax. */
export type ScoreKind = 'scores' | 'probabilities';

/** A result of the model: its shape is per example. */
export interface Result {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A metric's underlying value, averaged over the examples, or the covariance of two such values. */
export interface StatisticResult extends Result {
  /** The names of the two values whose covariance it is; the same name twice for a variance. */
  readonly of?: readonly [string, string];
}

/** A metric: averaged over the examples itself, unless it has `statistics`, which are averaged instead. */
export interface MetricResult extends Result {
  /** For a metric over all examples: the inputs of its program `metrics`. */
  readonly statistics?: readonly StatisticResult[];
}

/** A tensor that persists across steps. Parameters are in the order of the `.nn` text. */
export interface StoredTensor {
  /** `linear_1.W`; an optimizer's state has its name appended: `linear_1.W#v`. */
  readonly path: string;
  readonly shape: readonly number[];
  readonly storage: Storage;
  readonly initial: Initializer;
  /** Set if no compiled program reads or writes it. */
  readonly idle?: true;
  /** Set if it scales a target: training sets it from the data, and a state without it keeps the initial value, which scales nothing. */
  readonly scale?: TargetScale;
}

/** A statistic of a target's elements over the training examples: the loss is of (target − mean) / deviation. */
export interface TargetScale {
  readonly target: string;
  readonly statistic: 'mean' | 'deviation';
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
  /** Batches whose gradients are averaged for one update; absent for 1. */
  readonly accumulate?: number;
  /** The share of the training part held out for validation, 0 ≤ v < 1. */
  readonly validation: number;
  /** Early stopping: epochs without improvement before training stops. */
  readonly patience?: number;
  /** The metric that measures improvement; with the prefix `validation_`, on the validation part. */
  readonly monitor?: string;
}

export type ProgramName = 'forward' | 'evaluate' | 'step' | 'metrics' | 'gradient' | 'inverse';

export interface ModelSpecification {
  readonly format: 1;
  readonly name: string;
  /** The `.nn` file's base name. */
  readonly source: string;
  readonly target: string;
  /** Examples in a compiled batch; every program runs exactly this number. */
  readonly batch: number;
  readonly inputs: readonly Port[];
  readonly targets: readonly Port[];
  readonly outputs: readonly Result[];
  /** What outputs with an element per class hold; absent if the loss does not say. */
  readonly scores?: ScoreKind;
  /** Values per example, or `statistics` per example, averaged by the caller. */
  readonly metrics: readonly MetricResult[];
  readonly stored: readonly StoredTensor[];
  readonly programs: readonly ProgramName[];
  readonly data?: DataSetting;
  readonly train: TrainSettings;
  /** Absent where the model was compiled for no machine, only for inspection. */
  readonly memory?: MemoryUse;
  /** A hash of the names and shapes of inputs, outputs and stored tensors: a checkpoint fits any model with the same hash. */
  readonly fingerprint: string;
}
