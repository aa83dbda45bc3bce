// From a raw example to a model's inputs: the one definition, for predictions by the command line, by a generated module and by a module
// that stands alone. Invariant: the input of an example of the data set is bitwise equal to its input in training.
import type { Port } from '../specification.ts';
import { elementCount, namedRecord, showShape } from '../tensor.ts';
import { ExampleError } from './example-error.ts';
import {
  byteUnit,
  cellNames,
  normalize,
  pictureForm,
  preparedSize,
  sizeOf,
  tableOf,
  type ImageForm,
  type InputForm,
  type Preparation,
  type WindowForm,
} from './form.ts';
import { channelsOf, planesOf, type Picture } from './pictures.ts';
import { decimal, prepareRow, type Cell } from './rows.ts';

export interface PreparedInput {
  readonly port: Port;
  readonly form: InputForm;
}

/** Numbers in row-major order, flat or nested; pixels go from 0 to 255. */
export type Numbers = ArrayLike<number> | readonly Numbers[];

/** A row of a table: cells by the names of their columns. An empty cell is null or an empty text. */
export interface Row {
  readonly [column: string]: Cell;
}

/** Consecutive rows of a series, the newest last. */
export type Rows = readonly (Row | readonly Cell[])[];

/** What one input is given: numbers, an image, a row (a list has the cells in the order of the input's columns), or several rows. */
export type RawInput = number | Numbers | Picture | Row | readonly Cell[] | Rows;

/** One raw example: what the model's only input is given, or such values by the inputs' names. */
export type Example = RawInput | { readonly [input: string]: RawInput };

/** The form of each input, in the model's order; without a record, numbers are unchanged. */
export function inputForms(
  inputs: readonly Port[],
  preparation: Preparation | undefined,
): readonly PreparedInput[] {
  return inputs.map((port) => {
    const known = preparation?.inputs.find(({ name }) => name === port.name);
    return { port, form: known ?? { kind: 'array', name: port.name, shape: port.shape } };
  });
}

/**
 * The model's inputs for one example, by name.
 * @throws ExampleError
 */
export function prepareExample(
  inputs: readonly PreparedInput[],
  example: Example,
): { readonly [input: string]: Float32Array } {
  const parts = isNamed(inputs, example)
    ? inputs.map(({ port }) => example[port.name])
    : inputs.map(() => example);
  if (inputs.length > 1 && parts[0] === example && !inputs.every(({ form }) => tableOf(form)))
    throw new ExampleError('the example', `an object with ${namesOf(inputs).join(', ')} is wanted`);
  return namedRecord(inputs.map((input, i) => [input.port.name, prepareInput(input, parts[i])]));
}

/** The same for several examples, one after the other in each input. @throws ExampleError that tells the example, counted from 1 */
export function prepareExamples(
  inputs: readonly PreparedInput[],
  examples: Iterable<Example>,
): { readonly [input: string]: Float32Array } {
  const prepared = Array.from(examples, (example, i) =>
    within(`example ${i + 1}`, () => prepareExample(inputs, example)),
  );
  if (prepared.length === 0) throw new ExampleError('the examples', 'there is none');
  return namedRecord(
    inputs.map(({ port: { name, shape } }) => {
      const size = elementCount(shape);
      const column = new Float32Array(prepared.length * size);
      prepared.forEach((each, i) => column.set(each[name] ?? [], i * size));
      return [name, column] as const;
    }),
  );
}

const namesOf = (inputs: readonly PreparedInput[]) => inputs.map(({ port }) => port.name);

/** Whether values stand by the inputs' names. A row may have a column called as its input is: then that is a cell, no list or object. */
function isNamed(
  inputs: readonly PreparedInput[],
  example: Example,
): example is { readonly [input: string]: RawInput } {
  if (!isObject(example) || isPicture(example)) return false;
  const names = namesOf(inputs);
  const isWhole = (name: string) => {
    const value: unknown = example[name];
    return typeof value === 'object' && value !== null;
  };
  if (inputs.every(({ form }) => form.kind === 'table') && !names.some(isWhole)) return false;
  const given = names.filter((name) => Object.hasOwn(example, name));
  if (given.length === 0 && inputs.length === 1) return false;
  const unknown = Object.keys(example).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new ExampleError(unknown, `the model has no such input; it has ${names.join(', ')}`);
  const lacking = names.find((name) => !given.includes(name));
  if (lacking !== undefined) throw new ExampleError(lacking, 'it is missing');
  return true;
}

function isObject(value: unknown): value is { readonly [name: string]: RawInput } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function isPicture(value: unknown): value is Picture {
  if (typeof value !== 'object' || value === null) return false;
  return ['data', 'width', 'height'].every((key) => key in value);
}

function prepareInput(input: PreparedInput, value: RawInput | undefined): Float32Array {
  const { port, form } = input;
  if (isPicture(value) && form.kind !== 'table') return preparePicture(input, value);
  if (isObject(value)) {
    const cells = Object.entries(value).map(([name, cell]) => [name, cellOf(cell, name)] as const);
    return prepareNamed(input, new Map(cells));
  }
  if (form.kind === 'series' && Array.isArray(value) && value.some(isObject))
    return prepareWindow({ port, form }, value as Rows, prepareInput);
  if (ArrayBuffer.isView(value) || Array.isArray(value))
    return prepareCells(input, flatten(value, port.name));
  return prepareCells(input, [cellOf(value, port.name)]);
}

function flatten(value: unknown, name: string): Cell[] {
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return [cellOf(value, name)];
  return Array.from(value as ArrayLike<unknown>).flatMap((item) => flatten(item, name));
}

function cellOf(value: unknown, name: string): Cell {
  if (value === null || ['undefined', 'number', 'string', 'boolean'].includes(typeof value))
    return value as Cell;
  throw new ExampleError(name, `a value is of type ${typeof value}, and is neither a number nor a text`);
}

/** @throws ExampleError when the input is no image, or one of another size */
export function preparePicture({ port, form }: PreparedInput, picture: Picture): Float32Array {
  const { shape } = port;
  if (
    form.kind === 'series' ||
    form.kind === 'table' ||
    (form.kind === 'array' && shape.length !== 2 && shape.length !== 3)
  )
    throw new ExampleError(port.name, `it is a picture, and the input takes ${describeForm(form)}`);
  const wanted: ImageForm =
    form.kind === 'image' ? form : { kind: 'image', name: port.name, shape, resize: false };
  const { width, height } = picture;
  if (![1, 2, 3, 4].includes(channelsOf(picture))) {
    const reason = `${picture.data.length} samples are no picture of ${width} × ${height}`;
    throw new ExampleError(port.name, reason);
  }
  const size = pictureForm(wanted.shape);
  const planes = planesOf(picture, size, wanted.resize);
  if (planes) return normalize(planes, wanted.normalization, byteUnit);
  const reason = `it is a picture of ${width} × ${height}, and the input takes ${size.width} × ${size.height} (a model trained with \`resize = true\` scales pictures)`;
  throw new ExampleError(port.name, reason);
}

/** @throws ExampleError when a column is missing or unknown, or its cell is invalid */
export function prepareNamed({ port, form }: PreparedInput, row: ReadonlyMap<string, Cell>): Float32Array {
  if (form.kind === 'table') return checkWhole(port, prepareRow(form, row));
  const reason = `it is a row of named columns, and the input takes ${describeForm(form)}`;
  throw new ExampleError(port.name, reason);
}

/**
 * A window of rows, each prepared by itself.
 * @param rows the newest last
 * @throws ExampleError when there is another number of rows, or one cannot be prepared
 */
export function prepareWindow<T>(
  { port, form }: { readonly port: Port; readonly form: WindowForm },
  rows: readonly T[],
  prepare: (input: PreparedInput, row: T) => Float32Array,
): Float32Array {
  const { window, row } = form;
  if (rows.length !== window)
    throw new ExampleError(port.name, `it has ${rows.length} rows, and the window takes ${window}`);
  const size = preparedSize(row);
  const out = new Float32Array(window * size);
  rows.forEach((given, i) =>
    out.set(
      within(`row ${i + 1}`, () => prepare({ port, form: row }, given)),
      i * size,
    ),
  );
  return out;
}

/** Tells the place of what is wrong. */
function within<T>(place: string, prepare: () => T): T {
  try {
    return prepare();
  } catch (error) {
    if (!(error instanceof ExampleError)) throw error;
    throw new ExampleError(`${place}: ${error.argument}`, error.reason);
  }
}

/**
 * Numbers in row-major order; for a table's input, cells in the order of its columns, row by row if it takes several.
 * @throws ExampleError when their number is wrong
 */
export function prepareCells({ port, form }: PreparedInput, cells: readonly Cell[]): Float32Array {
  if (form.kind === 'series') {
    const size = sizeOf(form.row);
    const rows = Array.from({ length: Math.ceil(cells.length / size) }, (_, i) =>
      cells.slice(i * size, (i + 1) * size),
    );
    return prepareWindow({ port, form }, rows, prepareCells);
  }
  if (cells.length !== sizeOf(form)) {
    const wanted =
      form.kind === 'table'
        ? `the input takes ${sizeOf(form)}: ${cellNames(form).join(', ')}`
        : `${showShape(form.shape)} takes ${sizeOf(form)}`;
    const what = form.kind === 'table' ? 'cells' : 'elements';
    throw new ExampleError(port.name, `it has ${cells.length} ${what}, and ${wanted}`);
  }
  if (form.kind === 'table') {
    const row = new Map(cellNames(form).map((name, i) => [name, cells[i] ?? null]));
    return checkWhole(port, prepareRow(form, row));
  }
  const numbers = cells.map((cell, i) => {
    const number = numberOf(cell);
    if (number !== undefined) return number;
    throw new ExampleError(port.name, `element ${i + 1} is ${JSON.stringify(cell)}, which is no number`);
  });
  if (form.kind === 'array') return normalize(checkWhole(port, numbers), form.normalization, 1);
  const wrong = numbers.find((value) => value < 0 || value > 255);
  if (wrong !== undefined) throw new ExampleError(port.name, `${wrong} is no pixel; they go from 0 to 255`);
  return normalize(numbers, form.normalization, byteUnit);
}

function numberOf(cell: Cell): number | undefined {
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : undefined;
  const text = typeof cell === 'string' ? cell.trim() : '';
  return decimal.test(text) && Number.isFinite(Number(text)) ? Number(text) : undefined;
}

/** A class, or token ids, must be integers below their limit. */
function checkWhole<T extends ArrayLike<number>>(port: Port, numbers: T): T {
  if (port.kind === 'real') return numbers;
  const limit = port.limit ?? Infinity;
  const wrong = Array.from(numbers).find(
    (value) => !(Number.isInteger(value) && value >= 0 && value < limit),
  );
  if (wrong === undefined) return numbers;
  throw new ExampleError(port.name, `${wrong} is no whole number from 0 to ${limit - 1}`);
}

export function describeForm(form: InputForm): string {
  if (form.kind === 'image') return `a picture ${showShape(form.shape)}`;
  if (form.kind === 'array') return `numbers ${showShape(form.shape)}`;
  if (form.kind === 'series') return `${form.window} rows with ${describeForm(form.row)}`;
  return `the columns ${cellNames(form).join(', ')}`;
}
