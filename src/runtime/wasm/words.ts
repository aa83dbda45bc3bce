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
} as const;

/** Where AssemblyScript puts the tables of its own library (of powers, sines). */
export const tableBase = 1024;

/** Bytes at the start of memory that no tensor may take: the words and the tables. */
export const reservedBytes = 16 * 1024;
