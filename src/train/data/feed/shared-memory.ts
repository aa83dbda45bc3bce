// Copies examples to shared memory, so that threads share one copy.
import type { Column, Split } from '../dataset.ts';

/** The split in shared memory; arrays already shared are reused. */
export function shareSplit(split: Split): Split {
  return {
    ...split,
    columns: shareColumns(split.columns),
    ...(split.rows && { rows: shared(split.rows, (buffer) => new Uint32Array(buffer)) }),
  };
}

/** The columns in shared memory, as in `shareSplit`. */
export function shareColumns(columns: ReadonlyMap<string, Column>): Map<string, Column> {
  return new Map([...columns].map(([name, column]) => [name, shareColumn(column)]));
}

function shareColumn(column: Column): Column {
  const floats = (values: Float32Array) => shared(values, (buffer) => new Float32Array(buffer));
  switch (column.kind) {
    case 'byte':
      return { ...column, data: shared(column.data, (buffer) => new Uint8Array(buffer)) };
    case 'float':
      return { ...column, data: floats(column.data) };
    case 'one-hot':
      return { ...column, labels: floats(column.labels) };
  }
}

type Values = Uint8Array | Uint32Array | Float32Array;

function shared<T extends Values>(values: T, make: (buffer: SharedArrayBuffer) => T): T {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const copy = make(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}
