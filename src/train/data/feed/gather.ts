// Copies examples of columns into float32 arrays, unchanged: nothing is shuffled or augmented here.
import type { Arrays } from '../../../runtime/executable.ts';
import { elementCount, namedRecord } from '../../../runtime/tensor.ts';
import type { ByteColumn, Column, Split } from '../dataset.ts';

/** The examples, by their places in the columns, in arrays of their own. */
export function gatherExamples({ columns }: Split, examples: Uint32Array): Arrays {
  return namedRecord(
    [...columns].map(([name, column]) => {
      const size = elementCount(column.shape);
      const out = new Float32Array(examples.length * size);
      gatherColumn(column, examples, size, out);
      return [name, out];
    }),
  );
}

/** Writes the examples to the beginning of `out`. @param size elements of an example */
export function gatherColumn(column: Column, examples: Uint32Array, size: number, out: Float32Array): void {
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
      gatherBytes(column, examples, size, out);
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
  { data, table, channels }: ByteColumn,
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
