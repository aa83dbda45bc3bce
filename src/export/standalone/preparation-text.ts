// The preprocessing in a standalone module, as JavaScript text: only what the model's inputs need. Bitwise equal to
// src/train/data/preprocessing.ts and picture.ts.
import type { InputForm } from '../../train/data/prepare/preprocessing.ts';

const numbers = `
/** Numbers of nested or flat lists, in row-major order. */
function numbersOf(value, name) {
  if (typeof value === 'number') return [value];
  if (ArrayBuffer.isView(value)) return value;
  if (!Array.isArray(value)) throw new TypeError(\`\${name}: numbers are wanted, not \${describe(value)}\`);
  return value.flat(Infinity).map((item) => {
    if (typeof item !== 'number') throw new TypeError(\`\${name}: numbers are wanted, not \${describe(item)}\`);
    return item;
  });
}

function describe(value) {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value === 'string' ? JSON.stringify(value) : typeof value;
}

/** (unit * value - mean) / deviation, with as many equal runs of elements as there are means. */
function normalize(raw, normalization, unit) {
  const { mean, deviation } = normalization ?? { mean: [0], deviation: [1] };
  const run = raw.length / mean.length;
  return Float32Array.from(raw, (value, i) => {
    const channel = Math.floor(i / run);
    return (unit * value - mean[channel]) / deviation[channel];
  });
}

function prepareArray(input, value) {
  const raw = numbersOf(value, input.name);
  if (raw.length !== input.size) throw new RangeError(\`\${input.name}: \${input.size} numbers are wanted, not \${raw.length}\`);
  if (input.limit !== undefined) {
    for (const label of raw)
      if (!Number.isInteger(label) || label < 0 || label >= input.limit)
        throw new RangeError(\`\${input.name}: whole numbers from 0 to \${input.limit - 1} are wanted, not \${label}\`);
  }
  return normalize(raw, input.normalization, 1);
}
`;

const pictures = `
/** Pixels from 0 to 255: flat or nested in planes, or a picture with width, height and data (an ImageData, for one). */
function prepareImage(input, value) {
  const size = input.channels * input.height * input.width;
  let raw;
  if (typeof value === 'object' && value !== null && 'data' in value && 'width' in value && 'height' in value) {
    raw = planesOf(value, input);
    if (value.width !== input.width || value.height !== input.height) raw = fit(raw, value, input);
  } else raw = numbersOf(value, input.name);
  if (raw.length !== size) throw new RangeError(\`\${input.name}: \${size} pixels are wanted, not \${raw.length}\`);
  return normalize(raw, input.normalization, 1 / 255);
}

/** Samples side by side become planes; color becomes grey by luma, grey is written to all planes. */
function planesOf({ width, height, data }, { name, channels: wanted }) {
  const size = width * height;
  const channels = data.length / size;
  if (![1, 2, 3, 4].includes(channels)) throw new RangeError(\`\${name}: \${data.length} samples are no picture of \${width} × \${height}\`);
  const hasAlpha = channels === 2 || channels === 4;
  const colors = wanted >= 3 ? 3 : 1;
  const out = new Uint8Array(wanted * size);
  for (let pixel = 0, from = 0; pixel < size; pixel++, from += channels) {
    const red = data[from];
    const green = channels >= 3 ? data[from + 1] : red;
    const blue = channels >= 3 ? data[from + 2] : red;
    if (colors === 3) {
      out[pixel] = red;
      out[pixel + size] = green;
      out[pixel + 2 * size] = blue;
    } else out[pixel] = (red * 19595 + green * 38470 + blue * 7471 + 32768) >> 16;
    if (wanted > colors) out[pixel + colors * size] = hasAlpha ? data[from + channels - 1] : 255;
  }
  return out;
}
`;

const refuseSize = `
function fit(planes, picture, { name, width, height }) {
  throw new RangeError(\`\${name}: a picture of \${width} × \${height} is wanted, not \${picture.width} × \${picture.height}\`);
}
`;

const resizing = `
/** Bilinear: a triangle filter about each center of a pixel, widened when the picture shrinks. */
function fit(planes, picture, { channels, width, height }) {
  const across = taps(picture.width, width);
  const down = taps(picture.height, height);
  const out = new Uint8Array(channels * width * height);
  for (let channel = 0; channel < channels; channel++) {
    const plane = planes.subarray(channel * picture.width * picture.height);
    const rows = new Float64Array(width * picture.height);
    for (let y = 0; y < picture.height; y++)
      across.forEach(({ first, weights }, x) => {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k] * plane[y * picture.width + first + k];
        rows[y * width + x] = sum;
      });
    down.forEach(({ first, weights }, y) => {
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k] * rows[(first + k) * width + x];
        out[(channel * height + y) * width + x] = Math.round(Math.min(255, Math.max(0, sum)));
      }
    });
  }
  return out;
}

function taps(size, newSize) {
  const scale = size / newSize;
  const support = Math.max(1, scale);
  return Array.from({ length: newSize }, (_, i) => {
    const center = (i + 0.5) * scale - 0.5;
    const first = Math.max(0, Math.ceil(center - support));
    const last = Math.min(size - 1, Math.floor(center + support));
    const weights = Float64Array.from({ length: last - first + 1 }, (_, k) => 1 - Math.abs(first + k - center) / support);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: weights.map((weight) => weight / total) };
  });
}
`;

const rows = `
/** A row: an object with the columns by name, or a list of cells in their order. */
function prepareRow(input, value) {
  if (typeof value !== 'object' || value === null) throw new TypeError(\`\${input.name}: a row is wanted, not \${describe(value)}\`);
  const raw = [];
  input.columns.forEach((column, i) => {
    const isThere = Array.isArray(value) ? i < value.length : Object.hasOwn(value, column.name);
    if (!isThere) throw new RangeError(\`\${column.name} is missing; the row has \${Object.keys(value).join(', ')}\`);
    const given = Array.isArray(value) ? value[i] : value[column.name];
    const text = String(given ?? '').trim();
    const cell = text === '' ? column.missing : text;
    if (cell === undefined) throw new RangeError(\`\${column.name} is missing\`);
    if (column.kind === 'number') {
      const number = Number(cell);
      if (!Number.isFinite(Math.fround(number))) throw new RangeError(\`\${column.name}: \${JSON.stringify(text)} is no number\`);
      raw.push(number);
      return;
    }
    const place = column.vocabulary.indexOf(String(cell));
    if (place < 0) throw new RangeError(\`\${column.name}: \${JSON.stringify(text)} is none of \${column.vocabulary.join(', ')}\`);
    if (column.encoding === 'index') raw.push(place);
    else column.vocabulary.forEach((_, k) => raw.push(k === place ? 1 : 0));
  });
  return normalize(raw, input.normalization, 1);
}
`;

/** The functions that preprocess these inputs. */
export function preparationText(forms: readonly InputForm[]): string {
  const images = forms.filter((form) => form.kind === 'image');
  return [
    numbers,
    ...(images.length > 0 ? [pictures, images.some(({ resize }) => resize) ? resizing : refuseSize] : []),
    ...(forms.some(({ kind }) => kind === 'table') ? [rows] : []),
  ]
    .map((text) => text.trim())
    .join('\n\n');
}

/** The call of each kind's function. */
export const prepareText: { readonly [K in InputForm['kind']]: string } = {
  array: 'prepareArray',
  image: 'prepareImage',
  table: 'prepareRow',
};
