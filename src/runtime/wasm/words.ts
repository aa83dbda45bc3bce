// The synchronization words of the threads at the start of memory, each on its own cache line. Addresses in bytes; used by both the
// generated module and the runtime.

export const words = {
  /** Threads that have come to the barrier. */
  arrived: 64,
  /** Incremented when a barrier opens. */
  generation: 128,
  /** How many threads sleep. */
  sleeping: 192,
  /** Incremented when a program is to be run. */
  job: 256,
  /** The program's number; −1 ends the workers. */
  program: 320,
  /** Iterations of a long spin: see `longSpinsFor`. */
  longSpins: 384,
  /** The threads' results of the start-up test, 64 bytes each. */
  check: 4096,
} as const;

/** Iterations of a short spin: the minimum number of reads by a waiting thread, three or four per nanosecond. */
export const shortSpins = 20_000;

/**
 * Iterations of a long spin, about a millisecond, if every thread has its own processor. Where threads share processors, a spinning
 * thread takes time from the thread it waits for, so that a long spin is a short one.
 */
export function longSpinsFor(threads: number, processors: number): number {
  return threads <= processors ? 4_000_000 : shortSpins;
}

/** The maximum number of threads: the start-up test has room for this many results. */
export const mostThreads = 64;

/** Where AssemblyScript stores its library's tables (of powers, sines). */
export const tableBase = 8192;

/** Bytes reserved at the start of memory: the words and the tables. */
export const reservedBytes = 24 * 1024;
