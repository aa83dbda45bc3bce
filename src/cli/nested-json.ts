// Converts between nested JSON arrays and flat arrays with a shape. `flatten` returns finite numbers of exactly the requested shape;
// anything else is a diagnostic with the place in the file.
import { elementCount, showShape } from '../runtime/tensor.ts';
import { fail } from '../diagnostics/diagnostic.ts';
import type { Port } from '../runtime/specification.ts';

/** A value's path, `inputs.image`, and its file. */
export interface Place {
  readonly path: string;
  readonly name: string;
}

/** The entries of an object; its keys are users' names and may be any text. */
export function entriesOf(value: unknown, place: Place, help: string): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    reject(place, [], 'an object', value, help);
  return new Map(Object.entries(value));
}

/** The numbers of a nested array of this shape, row-major. */
export function flatten(value: unknown, shape: readonly number[], place: Place, port?: Port): Float64Array {
  const help = `The whole value is to have shape ${showShape(shape)}.`;
  const numbers = new Float64Array(elementCount(shape));
  let filled = 0;
  const visit = (part: unknown, position: readonly number[]) => {
    const size = shape[position.length];
    if (size === undefined) {
      numbers[filled++] = checkNumber(part, place, position, port, help);
      return;
    }
    if (!Array.isArray(part) || part.length !== size)
      reject(place, position, `a list of ${size}`, part, help);
    part.forEach((inner, i) => visit(inner, [...position, i]));
  };
  visit(value, []);
  return numbers;
}

function checkNumber(
  value: unknown,
  place: Place,
  position: readonly number[],
  port: Port | undefined,
  help: string,
) {
  // 1e999 is valid JSON, and is parsed as Infinity
  if (typeof value !== 'number' || !Number.isFinite(value))
    return reject(place, position, 'a number', value, help);
  if (port !== undefined && port.kind !== 'real') {
    const limit = port.limit ?? Infinity;
    if (!Number.isInteger(value) || value < 0 || value >= limit)
      reject(place, position, `a whole number from 0 to ${limit - 1}`, value, help);
  }
  return value;
}

function reject(
  place: Place,
  position: readonly number[],
  expected: string,
  found: unknown,
  help: string,
): never {
  const at = position.map((index) => `[${index}]`).join('');
  return fail('json.form', undefined, {
    path: place.path,
    place: place.name + at,
    expected,
    found: describeJson(found),
    help,
  });
}

/** `a list of 3`, `the text "a"`, `the number 1.5` */
export function describeJson(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value === null) return 'null';
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'string')
    return `the text ${JSON.stringify(value.length > 20 ? `${value.slice(0, 20)}…` : value)}`;
  return typeof value === 'boolean' ? String(value) : 'an object';
}

export type NestedNumbers = number | readonly NestedNumbers[];

/** The nested form of a flat row-major array; a number if the shape is []. */
export function nest(data: ArrayLike<number>, shape: readonly number[]): NestedNumbers {
  let read = 0;
  const build = (axis: number): NestedNumbers => {
    const size = shape[axis];
    if (size === undefined) return data[read++] ?? NaN;
    return Array.from({ length: size }, () => build(axis + 1));
  };
  return build(0);
}
