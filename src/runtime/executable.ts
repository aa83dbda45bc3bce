// The interface between a target's generated module and the runtime: programs over named arrays, and access to the stored tensors.
import type { ProgramName } from './specification.ts';

/**
 * Named flat row-major arrays with the batch as first axis. A program takes every input (and, except for `forward`, every target),
 * and `step`, `steps`, `update_batches` ([1] each) and `random_key` ([6]) if it uses them.
 *
 * It returns:
 * - forward:  `output.NAME` per output
 * - evaluate: those, `loss` ([batch], one per example) and `metric.NAME` ([batch, …]); for a metric over all examples instead
 *             `statistic.METRIC.NAME` ([batch, …]) for each of its statistics that is no covariance
 * - step:     `loss` ([], the batch's mean), `metric.NAME` and `statistic.METRIC.NAME` ([…], of the batch); stored tensors are updated
 * - metrics:  takes the means of all statistics and their covariances, each by its name, and `examples.count`;
 *             returns `metric.NAME` for each metric over all examples
 * - inverse:  takes every output by its name, and returns `input.NAME` per input
 * - gradient: `output.NAME`, `loss` ([]), `gradient.params.PATH` and `gradient.inputs.NAME`; nothing is updated
 */
export type Arrays = { readonly [name: string]: Float32Array };

export interface Executable {
  /** What the model actually runs on, for people and for the record: `gpu.js webgpu`, `wasm, 2 threads`. */
  readonly mode: string;
  /** Bytes of memory allocated for the model; undefined if unknown. */
  readonly allocated?: number;
  /** Reads the inputs before it returns; the results belong to the caller. One call at a time, which the model ensures. */
  run(program: ProgramName, inputs: Arrays): Promise<Arrays>;
  /** A copy of a stored tensor. */
  read(path: string): Promise<Float32Array>;
  /** Replaces a stored tensor; reads `values` before it returns. Rejects with a RangeError if the length differs. */
  write(path: string, values: Float32Array): Promise<void>;
  /** Frees device memory and workers; the executable must not be used afterwards. */
  destroy(): Promise<void>;
}
