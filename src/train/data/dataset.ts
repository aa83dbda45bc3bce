// Data sets for training and evaluation: splits, with one column per port of the model. Bytes are converted only when a batch is
// gathered. All columns of a split have the same number of examples, and their values are valid for their port.
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Normalization } from '../../runtime/preparation/form.ts';
import type { Preprocessing } from './prepare/preprocessing.ts';
import type { SeriesForm, SeriesRows } from './series/series.ts';

/** Float32 values, ready to be copied. */
export interface FloatColumn {
  readonly kind: 'float';
  /** The shape of an example, as in the port. */
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** If examples are windows over rows, and share elements: where each begins. Otherwise they lie one after another. */
  readonly view?: ElementView;
}

/** Example i begins at element i · step + offset. */
export interface ElementView {
  readonly step: number;
  readonly offset: number;
}

/** Bytes, mapped by a lookup table: value = table[256 · channel + byte]. */
export interface ByteColumn {
  readonly kind: 'byte';
  readonly shape: readonly number[];
  readonly data: Uint8Array;
  /** 256 entries per channel. */
  readonly table: Float32Array;
  /** An example is this many planes of equal size, one after the other. */
  readonly channels: number;
  /** The size of a plane, if the example is an image: only images are augmented. */
  readonly picture?: { readonly height: number; readonly width: number };
}

/** Class labels, one-hot encoded. */
export interface OneHotColumn {
  readonly kind: 'one-hot';
  readonly shape: readonly number[];
  readonly labels: Float32Array;
  /** The label of example i is labels[i + offset]; 0 if absent. */
  readonly offset?: number;
}

export type Column = FloatColumn | ByteColumn | OneHotColumn;

/** A random change of each training image, drawn anew whenever it is gathered. */
export type Augmentation =
  /** Horizontal flip with probability 1/2. */
  | { readonly kind: 'flip' }
  /** Shifted by up to this many pixels in each direction; black is shifted in. */
  | { readonly kind: 'crop'; readonly pad: number }
  /** A square of this side in pixels set to zero, after normalization (DeVries and Taylor 2017). */
  | { readonly kind: 'cutout'; readonly size: number }
  /** Normal noise of this standard deviation on every sample, where black is 0 and white is 1; not clipped. */
  | { readonly kind: 'noise'; readonly deviation: number }
  /** Multiplied by a factor from 1 - amount to 1 + amount, clipped to white. */
  | { readonly kind: 'brightness'; readonly amount: number };

/** A part of a data set's examples. */
export interface Split {
  readonly count: number;
  /** By the names of the model's inputs and targets. */
  readonly columns: ReadonlyMap<string, Column>;
  /** The indices of the split's examples in the columns, in order; all of them if absent. */
  readonly rows?: Uint32Array;
  /** Applied to byte columns when a batch is shuffled. */
  readonly augmentations: readonly Augmentation[];
}

/** The rows behind the examples of a series; an example's index is that of its first row. */
export interface SeriesData {
  readonly form: SeriesForm;
  readonly train: SeriesRows;
  /** Of a test part in a file of its own; otherwise it is among `train`. */
  readonly test?: SeriesRows;
}

export interface Dataset {
  /** The source's name: `mnist`. */
  readonly name: string;
  readonly train: Split;
  readonly validation?: Split;
  readonly test?: Split;
  /** The classes' names, by label. */
  readonly classes?: readonly string[];
  /** A description in one line: the origin, the number of examples, and their shape. */
  readonly description: string;
  /** A hash of every value, the normalization, the augmentation and the choice of validation examples. */
  readonly fingerprint: string;
  /** The preprocessing of raw examples, stored with the model. */
  readonly preprocessing: Preprocessing;
  /** If examples are made of rows in an order. */
  readonly series?: SeriesData;
  /** By the names of the normalized inputs of the model. */
  readonly normalization: ReadonlyMap<string, Normalization>;
  /** By the names of the model's real targets, where they are to be scaled: the model does so itself, columns hold the data's units. */
  readonly scales: ReadonlyMap<string, Normalization>;
  /** What to look at before training on it, less what the model's text allows. */
  readonly warnings: readonly Diagnostic[];
}
