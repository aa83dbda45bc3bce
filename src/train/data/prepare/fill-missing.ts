// Imputes missing cells of a table from the training examples: a number by its column's mean, a category by its most frequent text (of
// several the first of the vocabulary). The imputed values are stored, so that prediction uses the same.
import { elementCount } from '../../../runtime/tensor.ts';
import { columnWidth, type ColumnForm } from '../../../runtime/preparation/form.ts';
import type { RawField } from './raw-data.ts';

export interface Filled {
  readonly columns: readonly ColumnForm[];
  /** The imputed values of an example's elements. */
  readonly standIns: Float64Array;
}

/** @param rows the training examples, or all if undefined */
export function standInsOf(field: RawField, values: Float64Array, rows: Uint32Array | undefined): Filled {
  const size = elementCount(field.shape);
  const standIns = new Float64Array(size);
  let at = 0;
  const columns = (field.columns ?? []).map((column): ColumnForm => {
    const start = at;
    const width = columnWidth(column);
    at += width;
    if (column.kind === 'date') return column;
    if (column.kind === 'number') {
      const mean = meanOf(values, size, start, rows);
      standIns[start] = mean;
      return { ...column, missing: mean };
    }
    const counts = countsOf(values, size, start, column, rows);
    const most = counts.indexOf(Math.max(...counts));
    if (column.encoding === 'one-hot') standIns[start + most] = 1;
    else standIns[start] = most;
    return { ...column, missing: column.vocabulary[most] ?? '' };
  });
  return { columns, standIns };
}

/** Replaces NaN by the imputed values, in place. */
export function fillMissing(values: Float64Array, standIns: Float64Array): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) values[i] = standIns[i % standIns.length] ?? 0;
  }
}

/** Zero if no training example has a number. */
function meanOf(values: Float64Array, size: number, column: number, rows: Uint32Array | undefined): number {
  const examples = rows?.length ?? values.length / size;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < examples; i++) {
    const value = values[(rows?.[i] ?? i) * size + column] ?? NaN;
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

function countsOf(
  values: Float64Array,
  size: number,
  start: number,
  column: Extract<ColumnForm, { kind: 'category' }>,
  rows: Uint32Array | undefined,
): number[] {
  const examples = rows?.length ?? values.length / size;
  const counts = new Array<number>(column.vocabulary.length).fill(0);
  const width = columnWidth(column);
  for (let i = 0; i < examples; i++) {
    const from = (rows?.[i] ?? i) * size + start;
    const value = values[from] ?? NaN;
    if (Number.isNaN(value)) continue;
    const place = column.encoding === 'index' ? value : values.subarray(from, from + width).indexOf(1);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
}
