// Copies examples from columns to float32 arrays, without shuffling or augmentation.
import type { Arrays } from '../../../runtime/executable.ts';
import { elementCount, namedRecord } from '../../../runtime/tensor.ts';
import type { ByteColumn, Column, FloatColumn, Split } from '../dataset.ts';

/** The examples, by their indices in the columns, in new arrays. */
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

/** Writes the examples to the start of `out`. @param size elements per example */
export function gatherColumn(column: Column, examples: Uint32Array, size: number, out: Float32Array): void {
  switch (column.kind) {
    case 'float':
      gatherFloats(column, examples, size, out);
      return;
    case 'one-hot': {
      const { labels, offset = 0 } = column;
      out.fill(0, 0, examples.length * size);
      for (let i = 0; i < examples.length; i++)
        out[i * size + (labels[(examples[i] ?? 0) + offset] ?? 0)] = 1;
      return;
    }
    case 'byte':
      gatherBytes(column, examples, size, out);
  }
}

function gatherFloats(
  { data, view }: FloatColumn,
  examples: Uint32Array,
  size: number,
  out: Float32Array,
): void {
  const { step, offset } = view ?? { step: size, offset: 0 };
  // creating a view costs more than copying a few elements
  if (size <= 16) {
    let to = 0;
    for (let i = 0; i < examples.length; i++) {
      const start = (examples[i] ?? 0) * step + offset;
      for (let from = start; from < start + size; from++) out[to++] = data[from] ?? 0;
    }
    return;
  }
  for (let i = 0; i < examples.length; i++) {
    const start = (examples[i] ?? 0) * step + offset;
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
