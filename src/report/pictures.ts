// Shows an input to people: an image as a PNG data URI, a table row as its columns' values. The normalization of the model's input is
// undone first.
import { PNG } from 'pngjs';
import { dateWidth, showDate } from '../runtime/preparation/dates.ts';
import { pictureForm, type InputForm, type Normalization } from '../runtime/preparation/form.ts';
import { showNumber } from '../train/progress/text.ts';

/** Maximum pixels of the longer side: a report contains many small images. */
const mostPixels = 64;

/** @returns undefined if the input is no image */
export function pictureUri(form: InputForm, values: Float32Array): string | undefined {
  if (form.kind === 'table' || form.kind === 'series') return undefined;
  const { channels, height, width } = pictureForm(form.shape);
  const isPicture = form.kind === 'image' || (form.shape.length >= 2 && form.shape.length <= 3);
  if (!isPicture || height < 2 || width < 2 || channels > 4 || height * width * channels !== values.length)
    return undefined;
  const raw = undo(values, form.normalization);
  const shown = form.kind === 'image' ? raw : toUnitRange(raw);
  const scale = Math.max(1, Math.ceil(Math.max(height, width) / mostPixels));
  const png = new PNG({ width: Math.ceil(width / scale), height: Math.ceil(height / scale), colorType: 2 });
  const byte = (channel: number, x: number, y: number) => {
    const plane = shown.subarray(channel * height * width, (channel + 1) * height * width);
    const brightness = meanOfSquare({ values: plane, width, height }, x * scale, y * scale, scale);
    return Math.round(255 * Math.min(1, Math.max(0, brightness)));
  };
  for (let y = 0; y < png.height; y++)
    for (let x = 0; x < png.width; x++) {
      // 1 and 2 channels are grey (and alpha), 3 and 4 are colors (and alpha)
      const pixel =
        channels >= 3
          ? [0, 1, 2].map((channel) => byte(channel, x, y))
          : Array<number>(3).fill(byte(0, x, y));
      png.data.set([...pixel, 255], 4 * (y * png.width + x));
    }
  const bytes = PNG.sync.write(png, { colorType: 2, inputHasAlpha: true, deflateLevel: 9 });
  return `data:image/png;base64,${bytes.toString('base64')}`;
}

/** `petal length 5.1, petal width 1.8, …`; undefined if the input is no table. */
export function rowText(form: InputForm, values: Float32Array): string | undefined {
  if (form.kind !== 'table') return undefined;
  const raw = undo(values, form.normalization);
  let at = 0;
  const cells = form.columns.map((column) => {
    if (column.kind === 'number') return `${column.name} ${showNumber(raw[at++] ?? NaN)}`;
    if (column.kind === 'date') {
      const [first = NaN, cosine = NaN] = raw.subarray(at, (at += dateWidth(column.feature)));
      if (column.feature === 'seconds') return `${column.name} ${showDate(Math.round(first))}`;
      const turn = (Math.atan2(first, cosine) / (2 * Math.PI) + 1) % 1;
      return `${column.name} ${column.feature} ${(100 * turn).toFixed(0)} %`;
    }
    const size = column.encoding === 'one-hot' ? column.vocabulary.length : 1;
    const part = raw.subarray(at, (at += size));
    const entry = size === 1 ? Math.round(part[0] ?? 0) : part.findIndex((value) => value > 0.5);
    return `${column.name} ${column.vocabulary[entry] ?? '–'}`;
  });
  return cells.slice(0, 8).join(', ') + (cells.length > 8 ? ', …' : '');
}

function undo(values: Float32Array, normalization: Normalization | undefined): Float32Array {
  if (!normalization) return values;
  const { mean, deviation } = normalization;
  const run = values.length / mean.length;
  return values.map((value, i) => {
    const channel = Math.floor(i / run);
    const spread = deviation[channel] ?? 1;
    const center = mean[channel] ?? 0;
    const raw = value * spread + center;
    // the float32 rounding error of a zero
    return Math.abs(raw) < 1e-6 * (spread + Math.abs(center)) ? 0 : raw;
  });
}

/** Scaled to [0, 1] from the minimum to the maximum: an array's numbers have no brightness of their own. */
function toUnitRange(values: Float32Array): Float32Array {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const range = values.reduce((a, b) => Math.max(a, b), -Infinity) - least;
  return values.map((value) => (range > 0 ? (value - least) / range : 0.5));
}

/** The values of one channel, row by row. */
interface Plane {
  readonly values: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** The mean of a square of pixels, clipped to the plane. */
function meanOfSquare({ values, width, height }: Plane, left: number, top: number, size: number): number {
  let sum = 0;
  let count = 0;
  for (let y = top; y < Math.min(height, top + size); y++)
    for (let x = left; x < Math.min(width, left + size); x++) {
      sum += values[y * width + x] ?? 0;
      count++;
    }
  return sum / count;
}
