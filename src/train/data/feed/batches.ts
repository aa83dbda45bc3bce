// The batches of a split in sequence. In training, their arrays are allocated once per epoch and reused for each batch.
import type { Arrays } from '../../../runtime/executable.ts';
import { singleAssembler, type Assembler } from './assembler.ts';
import type { Split } from '../dataset.ts';
import { gatherExamples } from './gather.ts';
import { drawState, permutation } from './shuffle.ts';

export interface BatchOptions {
  /** Examples per batch. */
  readonly batch: number;
  /**
   * True for training: order and augmentation are drawn from seed and epoch, and an incomplete last batch is dropped (its examples take
   * part in the next shuffle). False for evaluation: in order, every example once, the last batch shorter.
   */
  readonly shuffle: boolean;
  readonly seed: number;
  /** From 0. */
  readonly epoch: number;
  /** Batches to skip at the start, when an interrupted epoch is resumed. 0 by default. */
  readonly start?: number;
}

/** The number of batches per epoch. */
export function batchCount(
  split: Pick<Split, 'count'>,
  { batch, shuffle }: { readonly batch: number; readonly shuffle: boolean },
): number {
  return shuffle ? Math.floor(split.count / batch) : Math.ceil(split.count / batch);
}

/**
 * The batches of one epoch. The arrays of a batch are overwritten by the next.
 * @param assembler of `singleAssembler`, to be reused over many epochs
 */
export function* batches(split: Split, options: BatchOptions, assembler?: Assembler): Generator<Arrays> {
  const epoch = new EpochOrder(split, options);
  const first = options.start ?? 0;
  const count = batchCount(split, options);
  if (!options.shuffle) {
    for (let index = first; index < count; index++) yield gatherExamples(split, epoch.examplesOf(index));
    return;
  }
  if (first >= count) return;
  const own = assembler ?? singleAssembler(split, options.batch);
  for (let index = first; index < count; index++)
    yield own.assemble(0, epoch.examplesOf(index), epoch.augmentState);
}

/** The examples of each batch of an epoch. */
export class EpochOrder {
  /** The state of the random draws for augmentation. */
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

  /** Overwritten by the next call. */
  examplesOf(index: number): Uint32Array {
    const first = index * this.options.batch;
    const used = Math.min(this.options.batch, this.split.count - first);
    const order = this.#order;
    for (let i = 0; i < used; i++)
      this.#examples[i] = exampleAt(this.split, order ? (order[first + i] ?? 0) : first + i);
    return this.#examples.subarray(0, used);
  }
}

/** The examples from `start` up to, but not including, `end`, in order, in new arrays. */
export function slice(split: Split, start: number, end: number): Arrays {
  return gatherExamples(
    split,
    Uint32Array.from({ length: end - start }, (_, i) => exampleAt(split, start + i)),
  );
}

function exampleAt(split: Split, position: number): number {
  return split.rows?.[position] ?? position;
}
