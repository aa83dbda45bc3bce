// Gathers examples of a split into float32 arrays, one a port of the model. What is looked up once for a split is kept here,
// so that a batch costs its elements and nothing else.
import type { Arrays } from '../../runtime/executable.ts';
import { elementCount, namedRecord } from '../../runtime/tensor.ts';
import { Augmenter } from './augment.ts';
import type { Column, Split } from './dataset.ts';

interface Part {
  readonly name: string;
  readonly column: Column;
  /** Elements of an example. */
  readonly size: number;
  readonly augmenter: Augmenter | undefined;
}

export class Gatherer {
  readonly #parts: readonly Part[];

  /** @param augment whether the split's augmentations are applied */
  constructor(split: Split, augment: boolean) {
    this.#parts = [...split.columns].map(([name, column]) => {
      const picture =
        augment && split.augmentations.length > 0 && column.kind === 'byte' ? column.picture : undefined;
      return {
        name,
        column,
        size: elementCount(column.shape),
        augmenter:
          picture && column.kind === 'byte' ? new Augmenter(column, picture, split.augmentations) : undefined,
      };
    });
  }

  /** Elements of an example, over all columns. */
  get exampleSize(): number {
    return this.#parts.reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Arrays for so many examples, one behind the other from an element of a buffer on; by default in a buffer of their own.
   */
  arraysFor(examples: number, buffer?: ArrayBufferLike, start = 0): Arrays {
    const memory = buffer ?? new ArrayBuffer(4 * examples * this.exampleSize);
    let at = start;
    return namedRecord(
      this.#parts.map(({ name, size }) => {
        const array = new Float32Array(memory, 4 * at, examples * size);
        at += examples * size;
        return [name, array];
      }),
    );
  }

  /**
   * Writes the examples to the beginning of the arrays.
   * @param state what augmentation is drawn from
   */
  gather(examples: Uint32Array, arrays: Arrays, state: number): void {
    for (const { name, column, size, augmenter } of this.#parts) {
      const out = arrays[name] ?? new Float32Array();
      if (augmenter) augmenter.gather(examples, state, out);
      else gatherColumn(column, examples, size, out);
    }
  }
}

function gatherColumn(column: Column, examples: Uint32Array, size: number, out: Float32Array): void {
  switch (column.kind) {
    case 'float':
      gatherFloats(column.data, examples, size, out);
      return;
    case 'one-hot': {
      const { labels } = column;
      out.fill(0, 0, examples.length * size);
      for (let i = 0; i < examples.length; i++) out[i * size + (labels[examples[i] ?? 0] ?? 0)] = 1;
      return;
    }
    case 'byte':
      gatherBytes(column.data, column.table, column.channels, examples, size, out);
  }
}

function gatherFloats(data: Float32Array, examples: Uint32Array, size: number, out: Float32Array): void {
  // a view costs more than some elements
  if (size <= 16) {
    let to = 0;
    for (let i = 0; i < examples.length; i++) {
      const start = (examples[i] ?? 0) * size;
      for (let from = start; from < start + size; from++) out[to++] = data[from] ?? 0;
    }
    return;
  }
  for (let i = 0; i < examples.length; i++) {
    const start = (examples[i] ?? 0) * size;
    out.set(data.subarray(start, start + size), i * size);
  }
}

function gatherBytes(
  data: Uint8Array,
  table: Float32Array,
  channels: number,
  examples: Uint32Array,
  size: number,
  out: Float32Array,
): void {
  const plane = size / channels;
  let to = 0;
  for (let i = 0; i < examples.length; i++) {
    let from = (examples[i] ?? 0) * size;
    for (let base = 0; base < 256 * channels; base += 256) {
      for (const end = from + plane; from < end; from++) out[to++] = table[base + (data[from] ?? 0)] ?? 0;
    }
  }
}
