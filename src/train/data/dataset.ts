// What training and evaluation read: the parts of a data set, with one column a port of the model. Bytes stay bytes until a
// batch is gathered. Every column of a split has the same number of examples, and its values suit the port it is for.
import type { Normalization, Preprocessing } from './prepare/preprocessing.ts';

/** Float32 values, ready to be copied. */
export interface FloatColumn {
  readonly kind: 'float';
  /** Of one example, as the port has it. */
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Bytes, each looked up: value = table[256 · channel + byte]. */
export interface ByteColumn {
  readonly kind: 'byte';
  readonly shape: readonly number[];
  readonly data: Uint8Array;
  /** 256 entries a channel. */
  readonly table: Float32Array;
  /** An example is so many planes of equal size, one after the other. */
  readonly channels: number;
  /** The size of a plane, where the example is a picture: only pictures are augmented. */
  readonly picture?: { readonly height: number; readonly width: number };
}

/** Class labels, given as a vector with a one at the label. */
export interface OneHotColumn {
  readonly kind: 'one-hot';
  readonly shape: readonly number[];
  readonly labels: Float32Array;
}

export type Column = FloatColumn | ByteColumn | OneHotColumn;

/** A change made anew to each training image whenever it is gathered. */
export type Augmentation =
  /** Left and right exchanged, half of the time. */
  | { readonly kind: 'flip' }
  /** Moved by up to so many pixels either way; what comes in from outside is black. */
  | { readonly kind: 'crop'; readonly pad: number }
  /** A square of so many pixels a side set to zero, as the model sees it (DeVries and Taylor 2017). */
  | { readonly kind: 'cutout'; readonly size: number }
  /** Normal noise of this deviation on every sample, where black is 0 and white is 1; not clipped. */
  | { readonly kind: 'noise'; readonly deviation: number }
  /** Times a factor from 1 - amount to 1 + amount, at most white. */
  | { readonly kind: 'brightness'; readonly amount: number };

/** Some of the examples of a data set. */
export interface Split {
  readonly count: number;
  /** By the names of the model's inputs and targets. */
  readonly columns: ReadonlyMap<string, Column>;
  /** Which examples of the columns belong to the split, in order; all of them when absent. */
  readonly rows?: Uint32Array;
  /** Applied to byte columns when a batch is shuffled. */
  readonly augmentations: readonly Augmentation[];
}

export interface Dataset {
  /** The source's name: `mnist`. */
  readonly name: string;
  readonly train: Split;
  readonly validation?: Split;
  readonly test?: Split;
  /** What the labels mean, by label. */
  readonly classes?: readonly string[];
  /** One line for people: where it came from, how many examples of which shape. */
  readonly description: string;
  /** A hash of every value, the normalization, the augmentation and the choice of validation examples. */
  readonly fingerprint: string;
  /** How raw examples became these, to be stored with the model. */
  readonly preprocessing: Preprocessing;
  /** By the names of the model's inputs that were normalized. */
  readonly normalization: ReadonlyMap<string, Normalization>;
}
