// What a source gives before it is matched against a model: fields of examples, as they lie in its files.
import type { CsvForm } from '../formats/csv-rows.ts';
import type { DataRoots } from '../sources/paths.ts';
import type { ColumnForm } from './preprocessing.ts';
import type { Port } from '../../../runtime/specification.ts';

/**
 * Numbers as a file has them: bytes, or float32 where that holds every one of them, else float64. They become float32 after the mean
 * has been taken off: times, ids and coordinates lose their digits before.
 */
export type RawNumbers = Uint8Array | Float32Array | Float64Array;

/** An array as it was read: the examples along the first axis of its shape. */
export interface DataArray {
  readonly shape: readonly number[];
  readonly values: RawNumbers;
}

/**
 * image: bytes in one or more planes, worth 0 to 1; number: as they are; class: whole numbers from 0.
 */
export type FieldKind = 'image' | 'number' | 'class';

export interface RawField {
  readonly name: string;
  readonly role: 'input' | 'target';
  readonly kind: FieldKind;
  /** Of one example. */
  readonly shape: readonly number[];
  /** How many classes there are, where the source knows. */
  readonly classes?: number;
  /** What the classes are called, by number. */
  readonly labels?: readonly string[];
  /** Of a table: whether missing cells, NaN, are to be filled from the training part. */
  readonly fill?: boolean;
  /** Of a table: what its elements stand for, in order. Each is a channel of its own. */
  readonly columns?: readonly ColumnForm[];
  /** Of images: whether pictures of other sizes are scaled. */
  readonly resize?: boolean;
}

export interface RawValues {
  /** All examples, one after the other. */
  readonly values: RawNumbers;
  /** The file they came from, for messages. */
  readonly path: string;
}

export interface RawPart {
  readonly count: number;
  /** By the fields' names. */
  readonly fields: ReadonlyMap<string, RawValues>;
}

export interface RawData {
  readonly fields: readonly RawField[];
  readonly train: RawPart;
  /** A part of its own, or the share of `train` to set apart for it. */
  readonly test?: RawPart | number;
  readonly classes?: readonly string[];
  /** Of a CSV file: how its text was read. */
  readonly csv?: CsvForm;
  /** Where it was found, for people. */
  readonly origin: string;
}

/** What a source may look at. */
export interface SourceContext {
  readonly roots: DataRoots;
  readonly inputs: readonly Port[];
  readonly targets: readonly Port[];
  /** Told while files are read, where there are many. */
  readonly progress?: (done: number, total: number) => void;
}
