// The API of a compiled model, for people who import a generated module. It takes plain float32 arrays with the examples along the first
// axis, checks them against the specification, and runs the programs of an executable (src/runtime/executable.ts). It is independent of
// the target.
//
// Symbol.asyncDispose, for programs whose TypeScript has no library of its own for it:
/// <reference lib="esnext.disposable" preserve="true" />
import type { Preparation } from './preparation/form.ts';
import type { Example } from './preparation/prepare.ts';
import type { Prediction } from './preparation/present.ts';
import type { SafetensorsFile } from './safetensors.ts';
import type { ModelSpecification } from './specification.ts';
import type { Tensor } from './tensor.ts';

/**
 * Row-major, one example after the other: an input of shape [3, 4] takes 12 numbers per example. A class label or a token id is one
 * integer. It may be changed or reused as soon as the call has returned its promise.
 */
export type ModelArray = Float32Array | readonly number[];

/** Arrays by input or target name. */
export type ModelArrays = { readonly [name: string]: ModelArray };

/** Values by the name of a metric, an output or an input; an object without inherited properties. */
export type Named<T> = { readonly [name: string]: T };

/** A number for a metric with one value, else a tensor (a confusion matrix). */
export type Metric = number | Tensor;

/** What a model takes and gives, by name. A generated module states its own; by default any name is possible. */
export interface ModelTypes {
  readonly inputs: ModelArrays;
  readonly targets: ModelArrays;
  readonly outputs: Named<Tensor>;
  readonly metrics: Named<Metric>;
  /** Its raw examples and what it says of them, which the data knows and not the model; by default any. */
  readonly example?: unknown;
  readonly prediction?: unknown;
}

type ExampleOf<Types> = Types extends { readonly example: infer Own } ? Own : Example;
type PredictionOf<Types> = Types extends { readonly prediction: infer Own } ? Own : Prediction;
type Prepared<Types extends ModelTypes> = { readonly [Name in keyof Types['inputs']]: Float32Array };

export interface ForwardOptions {
  /**
   * Says that the inputs are in the model's form. Needed only if the model has a `preparation` that changes numbers, and the arrays are not
   * those that `prepare` or `prepareAll` returned.
   */
  readonly prepared?: boolean;
}

export interface StepResult<Types extends ModelTypes = ModelTypes> {
  /** The mean over the batch, before the update. */
  readonly loss: number;
  /** Over the batch. */
  readonly metrics: Types['metrics'];
  /**
   * Means over the batch of the metrics' underlying values, and covariances: `mergeStatistics` combines those of many steps, and
   * `metrics` computes the metrics of all their examples from them.
   */
  readonly statistics: Named<Metric>;
}

export interface Evaluation<Types extends ModelTypes = ModelTypes> {
  /** The number of examples. */
  readonly count: number;
  /** The mean over all examples. */
  readonly loss: number;
  /** One per example, in the order of the arguments. */
  readonly losses: Float32Array;
  /** Over all examples. */
  readonly metrics: Types['metrics'];
  /** Means over all examples of the metrics' underlying values, and covariances. */
  readonly statistics: Named<Metric>;
  /** With the examples along the first axis. */
  readonly outputs: Types['outputs'];
}

export interface Gradient<Types extends ModelTypes = ModelTypes> {
  readonly loss: number;
  readonly outputs: Types['outputs'];
  /** Gradients of the batch's mean loss, in the order of the `.nn` text. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Gradients of the batch's mean loss for the inputs that have one, with the examples along the first axis. */
  readonly inputs: ReadonlyMap<string, Tensor>;
}

/** A model's state, unpacked: the tensors by path, and in the metadata step, seed and fingerprint. */
export type ModelState = SafetensorsFile;

/** Options of a model's start: initializing many, or wide orthogonal, weights takes seconds. */
export interface StartOptions {
  /** Aborts the start: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called occasionally in a long start with the tensor being initialized, and how many of all tensors are done. */
  readonly starting?: (path: string, done: number, total: number) => void;
}

export interface ModelOptions extends StartOptions {
  /** The seed of the initial parameters and of every random draw: an integer from 0; by default the `.nn` file's. */
  readonly seed?: number;
  /** The schedule's length in steps; the default (2^24) is so large that the schedule stays near its start. */
  readonly totalSteps?: number;
}

/**
 * Calls may overlap: they are queued, and none fails because another did. Loops of awaited calls yield to the event loop.
 */
export interface Model<Types extends ModelTypes = ModelTypes> {
  readonly specification: ModelSpecification;
  /** What the model actually runs on: `gpu.js webgpu`, `wasm, 2 threads`. */
  readonly mode: string;
  /** Bytes of memory allocated for it; undefined if the target does not report it. */
  readonly allocated: number | undefined;
  readonly seed: number;
  /** Training steps done so far, one per batch: 0 for a new model. */
  readonly stepsTaken: number;
  /** The schedule's length in steps; an integer from 1. */
  totalSteps: number;
  /**
   * An integer from 1; without epochs a number that no training reaches. With gradient accumulation, what an epoch leaves over, fewer
   * batches than `accumulate`, makes an update at the epoch's last step.
   */
  stepsPerEpoch: number;

  /**
   * One training step on exactly one batch (`specification.batch` examples): forward, backward, update. With gradient accumulation, only
   * every n-th step, and the last of an epoch, updates the parameters, by the mean of the accumulated gradients.
   * @throws ModelInputError when an array is missing, unknown, of a wrong length or contains a label out of range
   */
  step(batch: Types['inputs'] & Types['targets']): Promise<StepResult<Types>>;

  /**
   * The outputs for any number of examples, without training behavior: [count, …] each.
   * @throws ModelInputError as `step` does, but for the number of examples; and for raw numbers, if the model has a `preparation`
   */
  forward(inputs: Types['inputs'], options?: ForwardOptions): Promise<Types['outputs']>;

  /**
   * How raw examples become inputs, and outputs values of the data: statistics of the training data, vocabularies, classes' names. It comes
   * with the state of a trained model (`load`), and goes into what `save` returns; undefined before.
   */
  readonly preparation: Preparation | undefined;

  /**
   * The inputs for one raw example, to be passed to `forward`: a row, an image or numbers, prepared as the training data was.
   * @throws ExampleError when it does not fit: a column is missing or unknown, a text is not in the vocabulary
   * @throws ModelStateError when the model has no `preparation`
   */
  prepare(example: ExampleOf<Types>): Prepared<Types>;

  /** The same for several examples. */
  prepareAll(examples: Iterable<ExampleOf<Types>>): Prepared<Types>;

  /**
   * What the outputs of `forward` mean, for each example: the class with its name and probabilities, numbers by their columns.
   * @throws ModelInputError when an output is missing
   */
  present(outputs: Types['outputs']): readonly PredictionOf<Types>[];

  /** The prediction for one raw example: `prepare`, `forward` and `present`. @throws as they do */
  predict(example: ExampleOf<Types>): Promise<PredictionOf<Types>>;

  /** The same for several examples. */
  predictAll(examples: Iterable<ExampleOf<Types>>): Promise<readonly PredictionOf<Types>[]>;

  /**
   * Loss, metrics and outputs for any number of examples (inputs and targets), without training behavior. Every example
   * counts exactly once, whatever the compiled batch is.
   * @throws ModelInputError as `forward` does
   */
  evaluate(arrays: Types['inputs'] & Types['targets']): Promise<Evaluation<Types>>;

  /**
   * The gradient of the mean loss of exactly one batch; nothing is updated. Random layers draw the same numbers as the next step.
   * @throws ModelInputError as `step` does
   * @throws ModelStateError when the model was compiled without its `gradient` program
   */
  gradient(arrays: Types['inputs'] & Types['targets']): Promise<Gradient<Types>>;

  /**
   * The metrics of many steps or evaluations together: most are means themselves, others (r2, a confusion matrix) are computed from means
   * and covariances.
   * @param statistics over all examples: of one `step` or `evaluate`, or `mergeStatistics` of several
   * @param examples the number of these examples
   * @throws ModelInputError when a statistic is missing or of a wrong length
   * @throws ModelStateError when a metric needs the program `metrics`, and the model was compiled without
   */
  metrics(statistics: Named<Metric>, examples: number): Promise<Types['metrics']>;

  /**
   * The inputs that the model maps to these outputs, for any number of examples: [count, …] each.
   * @throws ModelInputError as `forward` does
   * @throws ModelStateError when the model has no program `inverse`
   */
  inverse(outputs: { readonly [Name in keyof Types['outputs']]: ModelArray }): Promise<{
    readonly [Name in keyof Types['inputs']]: Tensor;
  }>;

  /** Copies of the parameters, in the order of the `.nn` text. */
  parameters(): Promise<Map<string, Tensor>>;

  /**
   * A copy of a stored tensor: a parameter, a buffer, a constant or an optimizer's state.
   * @throws ModelInputError when there is none at that path
   */
  read(path: string): Promise<Tensor>;

  /**
   * Replaces a stored tensor.
   * @throws ModelInputError when there is none at that path, or the length differs
   */
  write(path: string, values: ModelArray): Promise<void>;

  /** Restarts: every stored tensor is initialized with `seed` (by default the present one), and the step counter is 0. */
  reset(seed?: number): Promise<void>;

  /**
   * The complete state as a safetensors file: every stored tensor; step, seed and fingerprint in its metadata. It is a single array,
   * limited to 4 GiB in Node 20; `saveTo` and `snapshot` have no such limit.
   * @param metadata further entries, before the model's own
   */
  save(metadata?: ReadonlyMap<string, string>): Promise<Uint8Array>;

  /**
   * The same file piece by piece, in order: the head, then each tensor. No step runs before the last piece is written.
   * @param write takes a piece, which does not change until the promise is settled
   */
  saveTo(write: (bytes: Uint8Array) => Promise<void>, metadata?: ReadonlyMap<string, string>): Promise<void>;

  /** The complete state, for `load`: a copy of every tensor, each in its own array. */
  snapshot(): Promise<ModelState>;

  /**
   * Restores a state from `save` or `snapshot`; training continues at the step after it. Nothing changes when it throws.
   * @param state must not change until the promise is settled: it may be too large to copy
   * @throws SafetensorsError when the bytes are no safetensors file
   * @throws ModelFileError when it is no state of a model, or of another model
   */
  load(state: Uint8Array | ModelState): Promise<void>;

  /**
   * Frees device memory and workers; every later call throws ModelStateError. A program that omits it exits all the same, but the memory
   * and sleeping threads of each such model are not freed before, not even by the garbage collector.
   */
  destroy(): Promise<void>;

  /** `destroy`, called at the end of its block for a model declared by `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
