// The programmatic interface to a compiled model: what a person who imports a generated module works with. It takes plain
// float32 arrays with the examples along the first axis, checks them against the specification, and runs the programs of an
// executable (src/runtime/executable.ts). Nothing here knows which target it is.
import type { SafetensorsFile } from './safetensors.ts';
import type { ModelSpecification } from './specification.ts';
import type { Tensor } from './tensor.ts';

/**
 * Arrays by input or target name, row-major, one example after the other: an input of shape [3, 4] takes 12 numbers an
 * example. A class label or a token id is one whole number. What a call is given may be changed or used again as soon as the call has
 * returned its promise.
 */
export type ModelArrays = { readonly [name: string]: Float32Array | readonly number[] };

/** Values by the name of a metric, an output or an input; the object inherits nothing. */
export type Named<T> = { readonly [name: string]: T };

/** A number for a metric with one value, else a tensor (a confusion matrix). */
export type Metric = number | Tensor;

export interface StepResult {
  /** The mean over the batch, taken before the update. */
  readonly loss: number;
  /** Over the batch. */
  readonly metrics: Named<Metric>;
  /**
   * Means over the batch of what metrics are made of, and covariances: those of many steps together (`mergeStatistics`) give
   * `metrics` of all their examples.
   */
  readonly statistics: Named<Metric>;
}

export interface Evaluation {
  /** How many examples were given. */
  readonly count: number;
  /** The mean over all examples. */
  readonly loss: number;
  /** One per example, in the order they were given. */
  readonly losses: Float32Array;
  /** Over all examples. */
  readonly metrics: Named<Metric>;
  /** Means over all examples of what metrics are made of, and covariances. */
  readonly statistics: Named<Metric>;
  /** With the examples along the first axis. */
  readonly outputs: Named<Tensor>;
}

export interface Gradient {
  readonly loss: number;
  readonly outputs: Named<Tensor>;
  /** Of the batch's mean loss, in the order of the `.nn` text. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Of the batch's mean loss, for the inputs that have one: with the examples along the first axis. */
  readonly inputs: ReadonlyMap<string, Tensor>;
}

/** A model's state, unpacked: the tensors by path, and in the metadata step, seed and fingerprint. */
export type ModelState = SafetensorsFile;

/** Of a model's start: initial values of many, or of wide orthogonal weights, take seconds. */
export interface StartOptions {
  /** Ends the start early: the model is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Told now and then, in a start that takes long, which tensor gets its initial values, and how many of all tensors have theirs. */
  readonly starting?: (path: string, done: number, total: number) => void;
}

export interface ModelOptions extends StartOptions {
  /** What the parameters start from and what every random draw depends on: a whole number from 0; the `.nn` file's by default. */
  readonly seed?: number;
  /** Steps that the schedule spans; by default so many (2^24) that it stays near its start. */
  readonly totalSteps?: number;
}

/**
 * Calls may overlap: each waits until those before it have ended, and none fails for another's failure.
 * Loops of awaited calls let the event loop turn.
 */
export interface Model {
  readonly specification: ModelSpecification;
  /** What really runs: `gpu.js webgpu`, `wasm, 2 threads`. */
  readonly mode: string;
  /** Bytes of memory that were allocated for it; undefined where the target does not say. */
  readonly allocated: number | undefined;
  readonly seed: number;
  /** Training steps taken so far, one a batch: 0 for a new model. */
  readonly stepsTaken: number;
  /** Steps that the schedule spans; a whole number from 1. */
  totalSteps: number;

  /**
   * One training step on exactly one batch (`specification.batch` examples): forward, backward, update. Where gradients are
   * accumulated, only every so many steps update the parameters, by the mean of their gradients.
   * @throws ModelInputError when an array is missing, unknown, of a wrong length or holds a label out of its range
   */
  step(batch: ModelArrays): Promise<StepResult>;

  /**
   * The outputs for any number of examples, without training behavior: [count, …] each.
   * @throws ModelInputError as `step` does, but for the number of examples
   */
  forward(inputs: ModelArrays): Promise<Named<Tensor>>;

  /**
   * Loss, metrics and outputs for any number of examples (inputs and targets), without training behavior. Every example
   * counts exactly once, whatever the compiled batch is.
   * @throws ModelInputError as `forward` does
   */
  evaluate(arrays: ModelArrays): Promise<Evaluation>;

  /**
   * The gradient of the mean loss of exactly one batch; nothing is updated. Random layers draw what the next step would.
   * @throws ModelInputError as `step` does
   * @throws ModelStateError when the model was compiled without its `gradient` program
   */
  gradient(arrays: ModelArrays): Promise<Gradient>;

  /**
   * The metrics of many steps or evaluations together: most are means themselves, others (r2, a confusion matrix) are computed
   * from means and covariances.
   * @param statistics over all examples: what one `step` or `evaluate` gave, or `mergeStatistics` of several
   * @param examples how many examples they are of
   * @throws ModelInputError when a statistic is missing or of a wrong length
   * @throws ModelStateError when a metric needs the program `metrics`, and the model was compiled without
   */
  metrics(statistics: Named<Metric>, examples: number): Promise<Named<Metric>>;

  /**
   * The inputs that give these outputs, for any number of examples: [count, …] each.
   * @throws ModelInputError as `forward` does
   * @throws ModelStateError when the model has no program `inverse`
   */
  inverse(outputs: ModelArrays): Promise<Named<Tensor>>;

  /** Copies of the learned tensors, in the order of the `.nn` text. */
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
  write(path: string, values: Float32Array | readonly number[]): Promise<void>;

  /** Starts anew: every stored tensor from its initializer under `seed` (by default the present one), no step taken. */
  reset(seed?: number): Promise<void>;

  /**
   * The whole state as a safetensors file: every stored tensor; step, seed and fingerprint in its metadata. It stands in one array, which
   * ends at 4 GiB in Node 20; `saveTo` and `snapshot` have no such end.
   * @param metadata further entries, put before the model's own
   */
  save(metadata?: ReadonlyMap<string, string>): Promise<Uint8Array>;

  /**
   * The same file piece by piece, in order: the head, then each tensor. No step is taken before the last piece was written.
   * @param write takes a piece, which stays as it is until the promise is settled
   */
  saveTo(write: (bytes: Uint8Array) => Promise<void>, metadata?: ReadonlyMap<string, string>): Promise<void>;

  /** The whole state, to be given to `load`: a copy of every tensor, each in an array of its own. */
  snapshot(): Promise<ModelState>;

  /**
   * Takes over what `save` wrote or `snapshot` gave; the next step is the one after the last before. Nothing changes when it throws.
   * @param state must stay as it is until the promise is settled: it may be too large for a copy
   * @throws SafetensorsError when the bytes are no safetensors file
   * @throws ModelFileError when it is no state of a model, or of another model
   */
  load(state: Uint8Array | ModelState): Promise<void>;

  /**
   * Frees device memory and workers; every later call throws ModelStateError. A program that forgets it ends all the same, but until it
   * does the memory and the sleeping threads of each such model stay: nothing else frees them, the garbage collector neither.
   */
  destroy(): Promise<void>;
}
