// Mean and standard deviation of a field over the training examples, per channel: an image's plane, or a table's column. Computed in
// float64; a constant channel is only centered.
import { elementCount } from '../../../runtime/tensor.ts';
import { byteUnit, columnWidth, type Normalization } from '../../../runtime/preparation/form.ts';
import type { RawField, RawNumbers } from './raw-data.ts';

/** One per column of a table or plane of [C, H, W]; a single one for an image [H, W] and for other shapes. */
export function channelCount({ shape, columns }: Pick<RawField, 'shape' | 'columns'>): number {
  if (columns) return elementCount(shape);
  return shape.length === 1 || shape.length === 3 ? (shape[0] ?? 1) : 1;
}

/** @param rows the training examples, or all if undefined */
export function normalizationOf(
  field: RawField,
  values: RawNumbers,
  rows: Uint32Array | undefined,
): Normalization {
  const size = elementCount(field.shape);
  const channels = channelCount(field);
  const run = size / channels;
  const examples = rows?.length ?? values.length / size;
  const exampleAt = (i: number) => rows?.[i] ?? i;
  if (!(values instanceof Uint8Array))
    return keepCategories(field, floatStatistics(values, channels, run, examples, exampleAt));

  const unit = field.kind === 'image' ? byteUnit : 1;
  const histograms = Array.from({ length: channels }, () => new Float64Array(256));
  for (let i = 0; i < examples; i++) {
    let from = exampleAt(i) * size;
    for (const histogram of histograms) {
      for (const end = from + run; from < end; from++) {
        const byte = values[from] ?? 0;
        histogram[byte] = (histogram[byte] ?? 0) + 1;
      }
    }
  }
  const mean = histograms.map(
    (h) => (unit * h.reduce((sum, n, byte) => sum + n * byte, 0)) / (examples * run),
  );
  const deviation = histograms.map((h, channel) => {
    const center = mean[channel] ?? 0;
    return (
      Math.sqrt(h.reduce((sum, n, byte) => sum + n * (unit * byte - center) ** 2, 0) / (examples * run)) || 1
    );
  });
  return { mean, deviation };
}

/** One-hot categories and cyclic features are not normalized. */
function keepCategories({ columns }: RawField, { mean, deviation }: Normalization): Normalization {
  if (!columns) return { mean, deviation };
  const isNumber = columns.flatMap((column) =>
    Array.from(
      { length: columnWidth(column) },
      () => column.kind === 'number' || (column.kind === 'date' && column.feature === 'seconds'),
    ),
  );
  return {
    mean: mean.map((value, i) => (isNumber[i] ? value : 0)),
    deviation: deviation.map((value, i) => (isNumber[i] ? value : 1)),
  };
}

function floatStatistics(
  values: Float32Array | Float64Array,
  channels: number,
  run: number,
  examples: number,
  exampleAt: (i: number) => number,
): Normalization {
  const total = (term: (value: number, channel: number) => number): number[] => {
    const sums = new Float64Array(channels);
    for (let i = 0; i < examples; i++) {
      const start = exampleAt(i) * channels * run;
      for (let k = 0; k < channels * run; k++) {
        const channel = Math.floor(k / run);
        sums[channel] = (sums[channel] ?? 0) + term(values[start + k] ?? NaN, channel);
      }
    }
    return Array.from(sums, (sum) => sum / (examples * run));
  };
  const mean = total((value) => value);
  const variance = total((value, channel) => (value - (mean[channel] ?? 0)) ** 2);
  return { mean, deviation: variance.map((v) => Math.sqrt(v) || 1) };
}

/** Lookup table of the bytes' values, per channel. */
export function byteTable(field: RawField, normalization: Normalization | undefined): Float32Array {
  const unit = field.kind === 'image' ? byteUnit : 1;
  const table = new Float32Array(256 * channelCount(field));
  for (let i = 0; i < table.length; i++) {
    const channel = Math.floor(i / 256);
    const raw = unit * (i % 256);
    const { mean, deviation } = normalization ?? { mean: [], deviation: [] };
    table[i] = (raw - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
  }
  return table;
}

/** Normalized in float64, then rounded to float32. */
export function normalizeFloats(
  values: Float32Array | Float64Array,
  field: RawField,
  { mean, deviation }: Normalization,
): Float32Array {
  const run = elementCount(field.shape) / channelCount(field);
  return Float32Array.from(values, (value, i) => {
    const channel = Math.floor(i / run) % mean.length;
    return (value - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
  });
}
