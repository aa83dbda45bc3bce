// A source's data before it is matched with a model: fields of examples, as stored in its files.
import type { CsvForm } from '../formats/csv-rows.ts';
import type { DataRoots } from '../sources/paths.ts';
import type { ColumnForm } from '../../../runtime/preparation/form.ts';
import type { Port } from '../../../runtime/specification.ts';
import type { SeriesForm, SeriesRows } from '../series/series.ts';

/**
 * Numbers as in a file: bytes, or float32 if that is exact for all of them, else float64. They are converted to float32 only after the
 * mean is subtracted: otherwise times, ids and coordinates would lose digits.
 */
export type RawNumbers = Uint8Array | Float32Array | Float64Array;

/** An array read from a file, with the examples along the first axis. */
export interface DataArray {
  readonly shape: readonly number[];
  readonly values: RawNumbers;
}

/**
 * image: bytes in one or more planes, scaled to 0 … 1; number: unchanged; class: integers from 0.
 */
export type FieldKind = 'image' | 'number' | 'class';

export interface RawField {
  readonly name: string;
  readonly role: 'input' | 'target';
  readonly kind: FieldKind;
  /** The shape of an example. */
  readonly shape: readonly number[];
  /** The number of classes, if the source knows it. */
  readonly classes?: number;
  /** The classes' names, by number. */
  readonly labels?: readonly string[];
  /** Of a table: whether missing cells, NaN, are imputed from the training part. */
  readonly fill?: boolean;
  /** Of a table: the columns of its elements, in order. Each is a separate channel. */
  readonly columns?: readonly ColumnForm[];
  /** Of images: whether images of other sizes are resized. */
  readonly resize?: boolean;
  /** If examples are windows: the rows that one has of this field. Shape, columns and values are then those of a row. */
  readonly view?: RowView;
}

/** Consecutive rows of a table. */
export interface RowView {
  readonly rows: number;
  /** From the example's first row to the first of these. */
  readonly offset: number;
}

/** The shape of an example: of several rows [rows, …]. */
export function exampleShape({ shape, view }: Pick<RawField, 'shape' | 'view'>): readonly number[] {
  return view && !(view.rows === 1 && view.offset > 0) ? [view.rows, ...shape] : shape;
}

export interface RawValues {
  /** All examples in sequence. */
  readonly values: RawNumbers;
  /** The file they came from, for messages. */
  readonly path: string;
}

export interface RawPart {
  readonly count: number;
  /** By field name. */
  readonly fields: ReadonlyMap<string, RawValues>;
  /** If the rows have an order in time. */
  readonly series?: SeriesRows;
}

export interface RawData {
  readonly fields: readonly RawField[];
  readonly train: RawPart;
  /** A separate part; else a share of `train` may be kept for it. */
  readonly validation?: RawPart;
  /** A separate part, or the share of `train` to hold out for it. */
  readonly test?: RawPart | number;
  readonly classes?: readonly string[];
  /** Of a table whose rows are in the order of time: the column that says so. */
  readonly timeOrder?: string;
  /** Of a table: the names of all columns, read or not. */
  readonly columnNames?: readonly string[];
  /** If rows have an order in time or belong to groups. */
  readonly series?: SeriesForm;
  /** Of a CSV file: its dialect. */
  readonly csv?: CsvForm;
  /** Its location, for people. */
  readonly origin: string;
}

/** The context in which a source is read. */
export interface SourceContext {
  readonly roots: DataRoots;
  readonly inputs: readonly Port[];
  readonly targets: readonly Port[];
  /** Called while files are read, if there are many. */
  readonly progress?: (done: number, total: number) => void;
}
