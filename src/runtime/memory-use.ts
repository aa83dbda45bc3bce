// A model's memory use by purpose, and its total for a number of threads. The compiler's memory plan reports it, and the loader allocates
// it: both by this one formula.

export interface MemoryUse {
  /** Bytes of parameters, buffers and constants. */
  readonly parameters: number;
  /** Bytes of the arena, whose temporaries share memory, used by the backward pass and the update at the peak. */
  readonly gradients: number;
  /** Bytes of optimizer states. */
  readonly states: number;
  /** The rest of the arena, and the inputs. */
  readonly activations: number;
  /** Alignment to cache lines, over-read padding for vector loads, and memory reserved by the target. */
  readonly padding: number;
  /** Bytes per thread. */
  readonly scratch: number;
  /** Allocation granularity in bytes. */
  readonly page: number;
}

/** Total bytes for a number of threads. */
export function allocatedBytes(memory: MemoryUse, threads: number): number {
  const { parameters, gradients, states, activations, padding, scratch, page } = memory;
  const used = parameters + gradients + states + activations + padding + threads * scratch;
  return Math.ceil(used / page) * page;
}
