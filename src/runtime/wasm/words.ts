// The words at the start of memory that threads synchronize by, each on a cache line of its own. Addresses in bytes; the generated
// module and the runtime both use them.

export const words = {
  /** Threads that have come to the barrier. */
  arrived: 64,
  /** Incremented when a barrier opens. */
  generation: 128,
  /** How many threads sleep. */
  sleeping: 192,
  /** Incremented when a program is to be run. */
  job: 256,
  /** Which one; −1 ends the workers. */
  program: 320,
  /** How often a thread spins before it sleeps: see `longSpinsFor`. */
  longSpins: 384,
  /** What threads compute in the start-up test, 64 bytes each. */
  check: 4096,
} as const;

/** A short spin: how often a waiting thread reads the word at least, three or four times a nanosecond. */
export const shortSpins = 20_000;

/**
 * A long spin, about a millisecond, if every thread has a processor of its own. Where threads share processors, one that spins takes
 * time from the one it waits for, so that a long spin is a short one.
 */
export function longSpinsFor(threads: number, processors: number): number {
  return threads <= processors ? 4_000_000 : shortSpins;
}

/** The most threads: the start-up test has room for so many results. */
export const mostThreads = 64;

/** Where AssemblyScript puts the tables of its own library (of powers, sines). */
export const tableBase = 8192;

/** Bytes at the start of memory that hold no tensor: the words and the tables. */
export const reservedBytes = 24 * 1024;
