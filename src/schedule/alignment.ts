// Sizes in memory.

const alignment = 64;

/** Rounded up to whole cache lines. */
export const aligned = (bytes: number) => Math.ceil(bytes / alignment) * alignment;

/** Of one element, in bytes: all are float32. */
export const elementBytes = 4;
