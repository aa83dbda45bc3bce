// The words at the start of memory by which threads agree, in bytes, each on a cache line of its own: what the generated module
// and the runtime both know.

export const words = {
  /** Threads that have come to the barrier. */
  arrived: 64,
  /** Goes up when a barrier opens. */
  generation: 128,
  /** Threads that sleep and must be woken. */
  sleeping: 192,
  /** Goes up when a program is to be run. */
  job: 256,
  /** Which one; −1 ends the workers. */
  program: 320,
  /** How often a thread looks before it sleeps: see `patienceFor`. */
  patience: 384,
  /** What threads compute in the start-up test, 64 bytes each. */
  check: 4096,
} as const;

/** Looks that a waiting thread takes in any case, three or four a nanosecond. */
export const fewestLooks = 20_000;

/**
 * Looks that a waiting thread takes before it sleeps: about a millisecond where every thread has a processor of its own. Where
 * threads must share processors, whoever looks is in the way of the one it waits for.
 */
export function patienceFor(threads: number, processors: number): number {
  return threads <= processors ? 4_000_000 : fewestLooks;
}

/** Threads that a module has room for in its start-up test. */
export const mostThreads = 64;

/** Where AssemblyScript puts the tables of its own library (of powers, sines). */
export const tableBase = 8192;

/** Bytes at the start of memory that no tensor may take: the words and the tables. */
export const reservedBytes = 24 * 1024;
