// The batches of a split, one after the other, in arrays that are made once and filled again for each: training allocates
// nothing here.
import type { Arrays } from '../../runtime/executable.ts';
import type { Split } from './dataset.ts';
import { Gatherer } from './gather.ts';
import { drawState, permutation } from './shuffle.ts';

export interface BatchOptions {
  /** Examples in a batch. */
  readonly batch: number;
  /**
   * True when training: the order and the augmentation are drawn from seed and epoch, and an incomplete last batch is left out
   * (its examples take part in the next shuffle). False when evaluating: in order, every example once, the last batch shorter.
   */
  readonly shuffle: boolean;
  readonly seed: number;
  /** From 0. */
  readonly epoch: number;
  /** Batches to leave out at the beginning: where an interrupted epoch is taken up. 0 by default. */
  readonly start?: number;
}

/** How many batches an epoch has. */
export function batchCount(
  split: Pick<Split, 'count'>,
  { batch, shuffle }: { readonly batch: number; readonly shuffle: boolean },
): number {
  return shuffle ? Math.floor(split.count / batch) : Math.ceil(split.count / batch);
}

/** The batches of one epoch. The arrays of a batch are overwritten by the next. */
export function* batches(split: Split, options: BatchOptions): Generator<Arrays> {
  const { batch, shuffle } = options;
  const gatherer = new Gatherer(split, shuffle);
  const epoch = new EpochOrder(split, options);
  const most = Math.min(batch, split.count);
  const whole = gatherer.arraysFor(most);
  for (let index = options.start ?? 0; index < batchCount(split, options); index++) {
    const examples = epoch.examplesOf(index);
    const arrays = examples.length === most ? whole : gatherer.arraysFor(examples.length);
    gatherer.gather(examples, arrays, epoch.augmentState);
    yield arrays;
  }
}

/** Which examples each batch of an epoch has. */
export class EpochOrder {
  /** What augmentation is drawn from. */
  readonly augmentState: number;
  readonly #order: Uint32Array | undefined;
  readonly #examples: Uint32Array;

  constructor(
    private readonly split: Split,
    private readonly options: BatchOptions,
  ) {
    const { shuffle, seed, epoch, batch } = options;
    this.#order = shuffle ? permutation(split.count, drawState('shuffle', seed, epoch)) : undefined;
    this.augmentState = drawState('augment', seed, epoch);
    this.#examples = new Uint32Array(batch);
  }

  /** Overwritten by the next. */
  examplesOf(index: number): Uint32Array {
    const first = index * this.options.batch;
    const used = Math.min(this.options.batch, this.split.count - first);
    const order = this.#order;
    for (let i = 0; i < used; i++)
      this.#examples[i] = exampleAt(this.split, order ? (order[first + i] ?? 0) : first + i);
    return this.#examples.subarray(0, used);
  }
}

/** The examples from `start` up to, but not including, `end`, in order, in arrays of their own. */
export function slice(split: Split, start: number, end: number): Arrays {
  const examples = Uint32Array.from({ length: end - start }, (_, i) => exampleAt(split, start + i));
  const gatherer = new Gatherer(split, false);
  const arrays = gatherer.arraysFor(examples.length);
  gatherer.gather(examples, arrays, 0);
  return arrays;
}

function exampleAt(split: Split, position: number): number {
  return split.rows?.[position] ?? position;
}
