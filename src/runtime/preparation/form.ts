// How the raw examples of a data set become a model's inputs, and what its targets are called: plain data, stored with the model.
// Statistics are those of the training part alone. (Numbers need no inverse: a model that scales its targets gives them in the data's units.)
import { elementCount } from '../tensor.ts';
import { dateWidth, type DateFeature } from './dates.ts';

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
    }
  /** A date of ISO 8601 as one of its features. A column of dates stands once for each. */
  | { readonly kind: 'date'; readonly name: string; readonly feature: DateFeature };

/** Bytes scaled to 0 … 1, in planes: [H, W] is grayscale, [C, H, W] has C planes. */
export interface ImageForm {
  readonly kind: 'image';
  readonly name: string;
  readonly shape: readonly number[];
  /** Whether an image of another size is resized; otherwise it is an error. */
  readonly resize: boolean;
  readonly normalization?: Normalization;
}

/** Columns of a table in sequence; a one-hot column has one element per text of its vocabulary. */
export interface TableForm {
  readonly kind: 'table';
  readonly name: string;
  readonly columns: readonly ColumnForm[];
  /** The training table's other columns, which a row may have: any further name is an error. Absent from records of nnc 0.1. */
  readonly others?: readonly string[];
  readonly normalization?: Normalization;
}

/** Numbers, unchanged. */
export interface ArrayForm {
  readonly kind: 'array';
  readonly name: string;
  readonly shape: readonly number[];
  readonly normalization?: Normalization;
}

export type RowForm = TableForm | ArrayForm;

/** Consecutive rows, one after another, the newest last: each is prepared as a row by itself. */
export interface WindowForm {
  readonly kind: 'series';
  readonly name: string;
  /** Rows of an example. */
  readonly window: number;
  /** The form of one row. */
  readonly row: RowForm;
}

export type InputForm = ImageForm | RowForm | WindowForm;

export interface TargetForm {
  readonly name: string;
  readonly kind: 'class' | 'number';
  /** The classes' names, by number, if the data has them. */
  readonly classes?: readonly string[];
  /** The source columns, if the data is a table. */
  readonly columns?: readonly string[];
}

/** Inputs and targets are in the model's order, with the model's names. */
export interface Preparation {
  readonly format: 1;
  /** The data set's name: `csv`. */
  readonly source: string;
  readonly inputs: readonly InputForm[];
  readonly targets: readonly TargetForm[];
}

/** The value of one step of a byte: bytes are scaled to 0 … 1. */
export const byteUnit = 1 / 255;

/** The number of elements of a column. */
export function columnWidth(column: ColumnForm): number {
  if (column.kind === 'date') return dateWidth(column.feature);
  return column.kind === 'category' && column.encoding === 'one-hot' ? column.vocabulary.length : 1;
}

/** The columns of a row, in order; a column of dates stands there once, whatever its features. */
export function cellNames({ columns }: Pick<TableForm, 'columns'>): readonly string[] {
  return [...new Set(columns.map(({ name }) => name))];
}

/** The table whose rows an input takes, one or several; undefined if it takes none. */
export function tableOf(form: InputForm): TableForm | undefined {
  const row = form.kind === 'series' ? form.row : form;
  return row.kind === 'table' ? row : undefined;
}

/** Whether numbers in the model's form are the raw numbers, so that nothing can be forgotten. */
export function isPlain(form: InputForm): boolean {
  if (form.kind === 'series') return isPlain(form.row);
  if (form.normalization || form.kind === 'image') return false;
  return form.kind === 'array' || form.columns.every(({ kind }) => kind === 'number');
}

/** Elements are divided into equal channels, one per mean. */
export function normalize(
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

/** Planes, height and width of an image's shape: [H, W] or [C, H, W]. */
export function pictureForm(shape: readonly number[]): {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
} {
  const [height = 1, width = 1] = shape.slice(-2);
  return { channels: shape.length === 3 ? (shape[0] ?? 1) : 1, height, width };
}

/** The number of elements of the model's input. */
export function preparedSize(form: InputForm): number {
  if (form.kind === 'series') return form.window * preparedSize(form.row);
  if (form.kind !== 'table') return elementCount(form.shape);
  return form.columns.reduce((sum, column) => sum + columnWidth(column), 0);
}

/** The number of numbers or cells of an input's raw example. */
export function sizeOf(form: InputForm): number {
  if (form.kind === 'series') return form.window * sizeOf(form.row);
  return form.kind === 'table' ? cellNames(form).length : elementCount(form.shape);
}
