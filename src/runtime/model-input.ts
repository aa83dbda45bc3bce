// Checks a caller's arrays. The result has one Float32Array per port, of complete examples, equally many in each, with labels and token
// ids in range.
import { ModelInputError } from './errors.ts';
import type { ModelSpecification, Port } from './specification.ts';
import { elementCount, showShape } from './tensor.ts';

export interface CheckedArrays {
  /** The number of examples in every array. */
  readonly count: number;
  readonly columns: readonly { readonly port: Port; readonly data: Float32Array }[];
}

/** The inputs, followed by the targets if `targets`. */
export function portsOf(specification: ModelSpecification, targets: boolean): readonly Port[] {
  return targets ? [...specification.inputs, ...specification.targets] : specification.inputs;
}

/**
 * @param examples the exact number required; any number from 1 if undefined
 * @throws ModelInputError
 */
export function checkArrays(
  ports: readonly Port[],
  arrays: { readonly [name: string]: Float32Array | readonly number[] },
  examples: number | undefined,
): CheckedArrays {
  const known = new Set(ports.map((port) => port.name));
  if (!isObject(arrays))
    throw new ModelInputError('arrays', `an object with ${[...known].join(', ')}`, describeKind(arrays));
  for (const name of Object.keys(arrays)) {
    if (!known.has(name)) {
      throw new ModelInputError(name, `one of ${[...known].join(', ')}`, 'a name the model does not have');
    }
  }
  let count = examples;
  const columns = ports.map((port) => {
    const data = arrayOf(port, arrays);
    const size = elementCount(port.shape);
    const fits =
      count === undefined ? data.length > 0 && data.length % size === 0 : data.length === count * size;
    if (!fits) throw new ModelInputError(port.name, expectedLength(port, count), `${data.length} numbers`);
    count = data.length / size;
    checkRange(port, data);
    return { port, data };
  });
  return { count: count ?? 0, columns };
}

function arrayOf(
  port: Port,
  arrays: { readonly [name: string]: Float32Array | readonly number[] },
): Float32Array {
  const given: unknown = Object.hasOwn(arrays, port.name) ? arrays[port.name] : undefined;
  if (given === undefined)
    throw new ModelInputError(port.name, `a Float32Array of ${describePort(port)}`, 'nothing');
  return numbersOf(port.name, given);
}

/**
 * Returns a Float32Array unchanged, a list of numbers as a new one.
 * @param name of the argument, for the message
 * @throws ModelInputError for anything else
 */
export function numbersOf(name: string, given: unknown): Float32Array {
  if (given instanceof Float32Array) return given;
  if (!Array.isArray(given))
    throw new ModelInputError(name, 'a Float32Array or a list of numbers', describeKind(given));
  const wrong = given.findIndex((value) => typeof value !== 'number');
  if (wrong >= 0) {
    const found = `${describeKind(given[wrong])} at position ${wrong}`;
    throw new ModelInputError(name, 'a flat list of numbers', found);
  }
  return Float32Array.from(given as number[]);
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** `shape [3, 4] an example, whole numbers from 0 to 9` */
export function describePort(port: Port): string {
  const shape =
    port.shape.length === 0 ? 'one number an example' : `shape ${showShape(port.shape)} an example`;
  return port.kind === 'real' ? shape : `${shape}, ${describeRange(port)}`;
}

function expectedLength(port: Port, examples: number | undefined): string {
  const size = elementCount(port.shape);
  return examples === undefined
    ? `a multiple of ${size} numbers (${describePort(port)})`
    : `${examples * size} numbers (${examples} examples, ${describePort(port)})`;
}

function describeRange(port: Port): string {
  return port.limit === undefined ? 'whole numbers from 0' : `whole numbers from 0 to ${port.limit - 1}`;
}

function checkRange(port: Port, data: Float32Array): void {
  if (port.kind === 'real') return;
  const limit = port.limit ?? Infinity;
  for (let i = 0; i < data.length; i++) {
    const value = data[i] ?? NaN;
    if (!(value >= 0 && value < limit) || !Number.isInteger(value)) {
      throw new ModelInputError(port.name, describeRange(port), `${value} at position ${i}`);
    }
  }
}

/** The kind of a value, for people: `an array`, `a string`. */
export function describeKind(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  const kind = typeof value === 'object' ? Object.prototype.toString.call(value).slice(8, -1) : typeof value;
  return `${/^[aeiou]/i.test(kind) ? 'an' : 'a'} ${kind}`;
}
