// A tensor on the host: a shape and its elements in row-major order, exactly as many as the shape requires.

export interface Tensor<Shape extends readonly number[] = readonly number[]> {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** The number of elements of a shape; 1 for a scalar, []. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, size) => count * size, 1);
}

/** `[3, 28, 28]` */
export function showShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** An object that can be keyed by users' names: it inherits nothing, not even `__proto__`. */
export function namedRecord<T>(entries: Iterable<readonly [string, T]>): { readonly [name: string]: T } {
  const record = Object.create(null) as { [name: string]: T };
  for (const [name, value] of entries) record[name] = value;
  return record;
}
