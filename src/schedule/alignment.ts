// Alignment of buffers and scratch in memory.

const alignment = 64;

/** Rounded up to a multiple of the cache line. */
export const aligned = (bytes: number) => Math.ceil(bytes / alignment) * alignment;
