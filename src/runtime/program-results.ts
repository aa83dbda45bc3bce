// The arrays that a program returns, by name and length.
import { ModelError } from './model-error.ts';
import type { Arrays } from './executable.ts';

/** A wrong result is the target's fault, not the caller's. */
export function arrayOf(results: Arrays, name: string, length: number): Float32Array {
  const array = Object.hasOwn(results, name) ? results[name] : undefined;
  if (array?.length === length) return array;
  throw new ModelError(
    `the program gave ${array ? `${array.length} numbers` : 'nothing'} as ${name}, not ${length}`,
  );
}
