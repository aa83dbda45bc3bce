// What a model takes of a machine's memory, by what it is for; and how much that is for a number of threads. The compiler's memory plan
// says it, what loads the model allocates it: both by the one formula here.

export interface MemoryUse {
  /** Bytes of parameters, buffers and constants. */
  readonly parameters: number;
  /** Of the arena, where temporaries share memory: what the backward pass and the update have in it when it is fullest. */
  readonly gradients: number;
  /** Of the optimizer. */
  readonly states: number;
  /** The rest of the arena, and the inputs. */
  readonly activations: number;
  /** What lies between and around all that: whole cache lines, what vector loads may over-read, what the target keeps for itself. */
  readonly padding: number;
  /** For each thread that runs. */
  readonly scratch: number;
  /** Memory comes in multiples of so many bytes. */
  readonly page: number;
}

/** Bytes that a model takes with so many threads. */
export function allocatedBytes(memory: MemoryUse, threads: number): number {
  const { parameters, gradients, states, activations, padding, scratch, page } = memory;
  const used = parameters + gradients + states + activations + padding + threads * scratch;
  return Math.ceil(used / page) * page;
}
