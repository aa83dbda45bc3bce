// The preprocessing of a data set's examples, as JSON stored with the model, and its application to one more example: an image, a row of
// a table, an array. Statistics are those of the training part alone. Invariant: `apply…` of an example of the data set is bitwise equal
// to the model's input in training.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { suggest } from '../../../diagnostics/suggest.ts';
import type { Json } from '../../../runtime/specification.ts';
import { elementCount, showShape } from '../../../runtime/tensor.ts';
import type { CsvForm } from '../formats/csv-rows.ts';
import { fitPicture, type Picture } from '../formats/picture.ts';

/** value = (raw - mean) / deviation, per channel; raw is in [0, 1] for images of bytes. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** One column of a table. */
export type ColumnForm =
  /** A number; `missing` replaces an empty cell, which is otherwise an error. */
  | { readonly kind: 'number'; readonly name: string; readonly missing?: number }
  /** A text of the vocabulary: one-hot encoded, or its index. */
  | {
      readonly kind: 'category';
      readonly name: string;
      readonly vocabulary: readonly string[];
      readonly encoding: 'one-hot' | 'index';
      readonly missing?: string;
    };

export type InputForm =
  /** Bytes scaled to 0 … 1, in planes: [H, W] is grayscale, [C, H, W] has C planes. */
  | {
      readonly kind: 'image';
      readonly name: string;
      readonly shape: readonly number[];
      /** Whether an image of another size is resized; otherwise it is an error. */
      readonly resize: boolean;
      readonly normalization?: Normalization;
    }
  /** Columns of a table in sequence; a one-hot column has one element per text of its vocabulary. */
  | {
      readonly kind: 'table';
      readonly name: string;
      readonly columns: readonly ColumnForm[];
      readonly normalization?: Normalization;
    }
  /** Numbers, unchanged. */
  | {
      readonly kind: 'array';
      readonly name: string;
      readonly shape: readonly number[];
      readonly normalization?: Normalization;
    };

export interface TargetForm {
  readonly name: string;
  readonly kind: 'class' | 'number';
  /** The classes' names, by number, if the data has them. */
  readonly classes?: readonly string[];
  /** The source columns, if the data is a table. */
  readonly columns?: readonly string[];
}

/** Inputs and targets are in the model's order, with the model's names. */
export interface Preprocessing {
  readonly format: 1;
  /** The data set's name: `csv`. */
  readonly source: string;
  readonly inputs: readonly InputForm[];
  readonly targets: readonly TargetForm[];
  /** The dialect of the CSV training file, which applies to further files of rows. */
  readonly csv?: CsvForm;
}

/** The value of one step of a byte: bytes are scaled to 0 … 1. */
export const byteUnit = 1 / 255;

/** A cell of a row: null or an empty text if it is empty, undefined if the row has no such column. */
export type Cell = string | number | null | undefined;

/** Plain decimal: other texts that JavaScript converts to numbers (hexadecimal, Infinity, the empty text) are errors in a table. */
export const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number of elements of a column. */
export function columnWidth(column: ColumnForm): number {
  return column.kind === 'category' && column.encoding === 'one-hot' ? column.vocabulary.length : 1;
}

/**
 * The model's input for an image: its planes in sequence, normalized.
 * @throws DiagnosticError when the image has another size and the input does not resize
 */
export function applyImage(
  input: Extract<InputForm, { kind: 'image' }>,
  picture: Picture,
  path: string,
): Float32Array {
  const bytes = fitPicture(picture, pictureForm(input.shape), input.resize, path);
  return normalizeInto(bytes, input.normalization, byteUnit);
}

/** Planes, height and width of an image's shape: [H, W] or [C, H, W]. */
export function pictureForm(shape: readonly number[]): {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
} {
  const [height = 1, width = 1] = shape.slice(-2);
  return { channels: shape.length === 3 ? (shape[0] ?? 1) : 1, height, width };
}

/**
 * The model's input for a row, normalized.
 * @param row cells by the names of the columns
 * @param where the row's name in messages: `rows.csv, line 3`
 * @throws DiagnosticError when a column is absent (an empty cell is present), no number, or not in the vocabulary
 */
export function applyRow(
  input: Extract<InputForm, { kind: 'table' }>,
  row: ReadonlyMap<string, Cell>,
  where: string,
): Float32Array {
  const raw = new Float64Array(input.columns.reduce((sum, column) => sum + columnWidth(column), 0));
  let at = 0;
  for (const column of input.columns) {
    const cell = row.get(column.name);
    if (cell === undefined) lacksColumn(input, column.name, row, where);
    const text = typeof cell === 'number' ? String(cell) : (cell ?? '').trim();
    const found = column.kind === 'number' ? numberOf(column, text) : categoryOf(column, text);
    if (typeof found === 'string')
      fail('data.example', undefined, { where, name: column.name, reason: found });
    if (column.kind === 'category' && column.encoding === 'one-hot') raw[at + found] = 1;
    else raw[at] = found;
    at += columnWidth(column);
  }
  return normalizeInto(raw, input.normalization, 1);
}

/** An absent column is an error even if empty cells are imputed: its name may be misspelled. */
function lacksColumn(
  { columns }: Extract<InputForm, { kind: 'table' }>,
  name: string,
  row: ReadonlyMap<string, Cell>,
  where: string,
): never {
  const others = [...row.keys()].filter((key) => !columns.some((column) => column.name === key));
  const meant = suggest(name, others);
  const reason =
    meant === undefined ? 'it is missing' : `it is missing; is it what the row calls \`${meant}\`?`;
  return fail('data.example', undefined, { where, name, reason });
}

/** A text describes an error. */
function numberOf(column: Extract<ColumnForm, { kind: 'number' }>, text: string): number | string {
  if (text === '') return column.missing ?? 'it is missing';
  const value = decimal.test(text) ? Number(text) : NaN;
  return Number.isFinite(Math.fround(value))
    ? value
    : `it is ${JSON.stringify(text.slice(0, 40))}, which is no number float32 can hold`;
}

function categoryOf(column: Extract<ColumnForm, { kind: 'category' }>, text: string): number | string {
  const wanted = text === '' ? column.missing : text;
  if (wanted === undefined) return 'it is missing';
  const found = column.vocabulary.indexOf(wanted);
  if (found >= 0) return found;
  const known = column.vocabulary.slice(0, 12).join(', ') + (column.vocabulary.length > 12 ? ', …' : '');
  return `it is ${JSON.stringify(wanted.slice(0, 40))}, which is none of ${known}`;
}

/**
 * The model's input for an array, normalized.
 * @throws DiagnosticError when it has another number of elements
 */
export function applyArray(
  input: Extract<InputForm, { kind: 'array' }>,
  values: ArrayLike<number>,
  where: string,
): Float32Array {
  const wanted = elementCount(input.shape);
  if (values.length !== wanted) {
    const reason = `it has ${values.length} elements, and ${showShape(input.shape)} takes ${wanted}`;
    fail('data.example', undefined, { where, name: input.name, reason });
  }
  return normalizeInto(values, input.normalization, 1);
}

/** Elements are divided into equal channels, one per mean. */
function normalizeInto(
  raw: ArrayLike<number>,
  normalization: Normalization | undefined,
  unit: number,
): Float32Array {
  const out = new Float32Array(raw.length);
  const { mean, deviation } = normalization ?? { mean: [0], deviation: [1] };
  const run = raw.length / mean.length;
  for (let i = 0; i < out.length; i++) {
    const channel = Math.floor(i / run);
    out[i] = (unit * (raw[i] ?? 0) - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
  }
  return out;
}

/** As JSON, for a checkpoint's metadata. */
export function showPreprocessing(preprocessing: Preprocessing): Json {
  return JSON.parse(JSON.stringify(preprocessing)) as Json;
}

/** Parses what `showPreprocessing` returned; undefined if the JSON is invalid, since it may come from an untrusted file. */
export function parsePreprocessing(json: unknown): Preprocessing | undefined {
  if (!isObject(json) || json['format'] !== 1 || typeof json['source'] !== 'string') return undefined;
  const { targets, csv } = json;
  const inputs = Array.isArray(json['inputs']) ? json['inputs'].map(presentSpelling) : undefined;
  if (!Array.isArray(inputs) || !inputs.every(isInput)) return undefined;
  if (!Array.isArray(targets) || !targets.every(isTarget)) return undefined;
  if (csv !== undefined && !isCsvForm(csv)) return undefined;
  return { format: 1, source: json['source'], inputs, targets, ...(csv !== undefined && { csv }) };
}

/** Accepts checkpoints of nnc 0.1, which call an input's normalization `normalisation`. */
function presentSpelling(input: unknown): unknown {
  if (!isObject(input) || !('normalisation' in input)) return input;
  const { normalisation, ...others } = input;
  return { ...others, normalization: normalisation };
}

type Unknown = { readonly [name: string]: unknown };

function isObject(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((item) => Number.isFinite(item));
const isOptional = (value: unknown, holds: (value: unknown) => boolean) =>
  value === undefined || holds(value);

function isShape(value: unknown): value is readonly number[] {
  return (
    isNumbers(value) &&
    value.every((size) => Number.isInteger(size) && size > 0) &&
    elementCount(value) < 2 ** 31
  );
}

/** The number of channels must divide the number of elements. */
function isNormalizationOf(elements: number): (value: unknown) => boolean {
  return (value) =>
    isObject(value) &&
    isNumbers(value['mean']) &&
    isNumbers(value['deviation']) &&
    value['mean'].length > 0 &&
    value['mean'].length === value['deviation'].length &&
    elements % value['mean'].length === 0;
}

function isInput(value: unknown): value is InputForm {
  if (!isObject(value) || typeof value['name'] !== 'string') return false;
  const { kind, shape, columns, normalization } = value;
  if (kind === 'table') {
    if (!Array.isArray(columns) || !columns.every(isColumn)) return false;
    const elements = columns.reduce((sum, column) => sum + columnWidth(column), 0);
    return isOptional(normalization, isNormalizationOf(elements));
  }
  if (!isShape(shape) || !isOptional(normalization, isNormalizationOf(elementCount(shape)))) return false;
  if (kind === 'image')
    return typeof value['resize'] === 'boolean' && (shape.length === 2 || shape.length === 3);
  return kind === 'array';
}

function isColumn(value: unknown): value is ColumnForm {
  if (!isObject(value) || typeof value['name'] !== 'string') return false;
  const { kind, missing, vocabulary, encoding } = value;
  if (kind === 'number') return isOptional(missing, Number.isFinite);
  return (
    kind === 'category' &&
    isTexts(vocabulary) &&
    (encoding === 'one-hot' || encoding === 'index') &&
    isOptional(missing, (text) => typeof text === 'string')
  );
}

function isCsvForm(value: unknown): value is CsvForm {
  return (
    isObject(value) &&
    typeof value['separator'] === 'string' &&
    value['separator'].length === 1 &&
    typeof value['header'] === 'boolean' &&
    isOptional(value['missingMarks'], isTexts)
  );
}

function isTarget(value: unknown): value is TargetForm {
  return (
    isObject(value) &&
    typeof value['name'] === 'string' &&
    (value['kind'] === 'class' || value['kind'] === 'number') &&
    isOptional(value['classes'], isTexts) &&
    isOptional(value['columns'], isTexts)
  );
}
