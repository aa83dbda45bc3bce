// One example for a model's inputs, from numbers, a row's cells or an image, with the preprocessing of the training data. Without a known
// or wanted preprocessing, numbers are unchanged.
import { fail } from '../../../diagnostics/diagnostic.ts';
import type { Port } from '../../../runtime/specification.ts';
import { elementCount, showShape } from '../../../runtime/tensor.ts';
import type { Picture } from '../../../train/data/formats/picture.ts';
import {
  applyArray,
  applyImage,
  applyRow,
  byteUnit,
  type Cell,
  type InputForm,
  type Preprocessing,
} from '../../../train/data/prepare/preprocessing.ts';

export interface PreparedInput {
  readonly port: Port;
  readonly form: InputForm;
}

/** One example, ready for the model. */
export interface Example {
  /** Its origin: `seven.png`, `rows.csv, line 3`. */
  readonly where: string;
  /** By the names of the model's inputs. */
  readonly values: ReadonlyMap<string, Float32Array>;
}

/** The form of each input, in the model's order. */
export function inputForms(
  inputs: readonly Port[],
  preprocessing: Preprocessing | undefined,
): readonly PreparedInput[] {
  return inputs.map((port) => {
    const known = preprocessing?.inputs.find(({ name }) => name === port.name);
    return { port, form: known ?? { kind: 'array', name: port.name, shape: port.shape } };
  });
}

/** @throws DiagnosticError when the input is no image, or one of another size */
export function fromPicture({ port, form }: PreparedInput, picture: Picture, where: string): Float32Array {
  if (form.kind === 'image') return applyImage(form, picture, where);
  const { shape } = port;
  if (form.kind === 'table' || (shape.length !== 2 && shape.length !== 3))
    return refuse(where, port.name, `it is a picture, and the input takes ${describeForm(form)}`);
  return applyImage({ kind: 'image', name: port.name, shape, resize: false }, picture, where);
}

/**
 * Numbers in row-major order; for a table's input, cells in the order of its columns.
 * @throws DiagnosticError when their number is wrong
 */
export function fromValues(
  { port, form }: PreparedInput,
  values: readonly Cell[],
  where: string,
): Float32Array {
  if (form.kind === 'table') {
    const { columns } = form;
    if (values.length !== columns.length) {
      const names = columns.map(({ name }) => name).join(', ');
      return refuse(
        where,
        port.name,
        `it has ${values.length} cells, and the input takes ${columns.length}: ${names}`,
      );
    }
    return applyRow(form, new Map(columns.map(({ name }, i) => [name, values[i]])), where);
  }
  const numbers = values.map(
    (value, i) =>
      numberOf(value) ??
      refuse(where, port.name, `element ${i + 1} is ${JSON.stringify(value)}, which is no number`),
  );
  if (port.kind !== 'real') {
    const limit = port.limit ?? Infinity;
    const wrong = numbers.find((value) => !(Number.isInteger(value) && value >= 0 && value < limit));
    if (wrong !== undefined) refuse(where, port.name, `${wrong} is no whole number from 0 to ${limit - 1}`);
  }
  if (form.kind === 'array') return applyArray(form, numbers, where);
  const wrong = numbers.find((value) => value < 0 || value > 255);
  if (wrong !== undefined) refuse(where, port.name, `${wrong} is no pixel; they go from 0 to 255`);
  const scaled = numbers.map((value) => byteUnit * value);
  const { name, shape, normalization } = form;
  return applyArray({ kind: 'array', name, shape, ...(normalization && { normalization }) }, scaled, where);
}

/** @throws DiagnosticError when a column is missing or its cell is invalid */
export function fromRow(
  { port, form }: PreparedInput,
  row: ReadonlyMap<string, Cell>,
  where: string,
): Float32Array {
  if (form.kind === 'table') return applyRow(form, row, where);
  return refuse(where, port.name, `it is a row of named columns, and the input takes ${describeForm(form)}`);
}

function numberOf(value: Cell): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  const text = value?.trim() ?? '';
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined;
}

/** The number of numbers or cells of an input's example. */
export function sizeOf({ form }: PreparedInput): number {
  return form.kind === 'table' ? form.columns.length : elementCount(form.shape);
}

export function describeForm(form: InputForm): string {
  if (form.kind === 'image') return `a picture ${showShape(form.shape)}`;
  if (form.kind === 'array') return `numbers ${showShape(form.shape)}`;
  return `the columns ${form.columns.map(({ name }) => name).join(', ')}`;
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
