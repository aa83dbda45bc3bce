// How sizes in memory are rounded.

const alignment = 64;

/** Rounded up to whole cache lines. */
export const aligned = (bytes: number) => Math.ceil(bytes / alignment) * alignment;
