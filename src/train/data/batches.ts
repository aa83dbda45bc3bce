// Gathers examples of a split into float32 arrays for a model, a batch at a time. Buffers are made once and filled again for
// each batch, so that training allocates nothing here.
import { drawState, permutation } from './shuffle.ts';
import { gatherAugmented } from './augment.ts';
import type { Arrays } from '../../runtime/executable.ts';
import { namedRecord } from '../../runtime/tensor.ts';
import type { Column, Split } from './dataset.ts';
import { elementCount } from '../../runtime/tensor.ts';

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
  split: Split,
  { batch, shuffle }: { readonly batch: number; readonly shuffle: boolean },
): number {
  return shuffle ? Math.floor(split.count / batch) : Math.ceil(split.count / batch);
}

/** The batches of one epoch. The arrays of a batch are overwritten by the next. */
export function* batches(split: Split, options: BatchOptions): Generator<Arrays> {
  const { batch, shuffle, seed, epoch } = options;
  const order = shuffle ? permutation(split.count, drawState('shuffle', seed, epoch)) : undefined;
  const state = shuffle ? drawState('augment', seed, epoch) : undefined;
  const buffers = buffersFor(split, Math.min(batch, split.count));
  const examples = new Uint32Array(batch);
  for (let index = options.start ?? 0; index < batchCount(split, options); index++) {
    const first = index * batch;
    const used = Math.min(batch, split.count - first);
    for (let i = 0; i < used; i++) examples[i] = exampleAt(split, order?.[first + i] ?? first + i);
    yield gather(split, examples.subarray(0, used), buffers, state);
  }
}

/** The examples from `start` up to, but not including, `end`, in order, in arrays of their own. */
export function slice(split: Split, start: number, end: number): Arrays {
  const examples = Uint32Array.from({ length: end - start }, (_, i) => exampleAt(split, start + i));
  return gather(split, examples, buffersFor(split, examples.length), undefined);
}

function exampleAt(split: Split, position: number): number {
  return split.rows?.[position] ?? position;
}

type Buffers = ReadonlyMap<string, Float32Array>;

function buffersFor(split: Split, examples: number): Buffers {
  return new Map(
    [...split.columns].map(([name, { shape }]) => [name, new Float32Array(examples * elementCount(shape))]),
  );
}

function gather(split: Split, examples: Uint32Array, buffers: Buffers, augment: number | undefined): Arrays {
  return namedRecord(
    [...split.columns].map(([name, column]) => {
      const size = elementCount(column.shape);
      const out = (buffers.get(name) ?? new Float32Array()).subarray(0, examples.length * size);
      const picture =
        column.kind === 'byte' && augment !== undefined && split.augmentations.length > 0 && column.picture;
      if (picture) {
        gatherAugmented(column, picture, split.augmentations, examples, augment, out);
      } else {
        gatherColumn(column, examples, size, out);
      }
      return [name, out];
    }),
  );
}

function gatherColumn(column: Column, examples: Uint32Array, size: number, out: Float32Array): void {
  switch (column.kind) {
    case 'float':
      examples.forEach((example, i) =>
        out.set(column.data.subarray(example * size, (example + 1) * size), i * size),
      );
      return;
    case 'one-hot':
      out.fill(0);
      examples.forEach((example, i) => (out[i * size + (column.labels[example] ?? 0)] = 1));
      return;
    case 'byte': {
      const { data, table, channels } = column;
      const plane = size / channels;
      let to = 0;
      for (const example of examples) {
        let from = example * size;
        for (let channel = 0; channel < channels; channel++) {
          const base = 256 * channel;
          for (const end = from + plane; from < end; from++) out[to++] = table[base + (data[from] ?? 0)] ?? 0;
        }
      }
    }
  }
}
