// One example for a model's inputs, from numbers, a row's cells or an image, with the preparation of the training data. Without a known
// or wanted preparation, numbers are unchanged. What an example lacks is told with its place.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { ExampleError } from '../../../runtime/preparation/example-error.ts';
import {
  prepareCells,
  prepareNamed,
  preparePicture,
  type PreparedInput,
} from '../../../runtime/preparation/prepare.ts';
import type { Picture } from '../../../runtime/preparation/pictures.ts';
import type { Cell } from '../../../runtime/preparation/rows.ts';

/** One example, ready for the model. */
export interface Example {
  /** Its origin: `seven.png`, `rows.csv, line 3`. */
  readonly where: string;
  /** By the names of the model's inputs. */
  readonly values: ReadonlyMap<string, Float32Array>;
}

/** @throws DiagnosticError when the input is no image, or one of another size */
export function fromPicture(input: PreparedInput, picture: Picture, where: string): Float32Array {
  return at(where, () => preparePicture(input, picture));
}

/**
 * Numbers in row-major order; for a table's input, cells in the order of its columns, row by row if it takes several.
 * @throws DiagnosticError when their number is wrong
 */
export function fromValues(input: PreparedInput, values: readonly Cell[], where: string): Float32Array {
  return at(where, () => prepareCells(input, values));
}

/** @throws DiagnosticError when a column is missing or unknown, or its cell is invalid */
export function fromRow(input: PreparedInput, row: ReadonlyMap<string, Cell>, where: string): Float32Array {
  return at(where, () => prepareNamed(input, row));
}

/** What is wrong with an example, as a diagnostic. @throws DiagnosticError */
export function at<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ExampleError) return refuse(where, error.argument, error.reason);
    throw error;
  }
}

export function refuse(where: string, name: string, reason: string): never {
  return fail('data.example', undefined, { where, name, reason });
}

/** The input for a file with a single value. */
export function onlyInput(inputs: readonly PreparedInput[], where: string, what: string): PreparedInput {
  const [input, another] = inputs;
  if (input && !another) return input;
  const names = inputs.map(({ port }) => port.name).join(', ');
  return refuse(
    where,
    names,
    `it is ${what}, and the model has ${inputs.length} inputs; give them as JSON by their names`,
  );
}
