import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import type { InputForm } from '../../src/runtime/preparation/form.ts';
import { pictureUri, rowText } from '../../src/report/pictures.ts';

function decode(uri: string | undefined): PNG {
  const [, base64 = ''] = /^data:image\/png;base64,(.+)$/.exec(uri ?? '') ?? [];
  return PNG.sync.read(Buffer.from(base64, 'base64'));
}

const pixel = ({ data, width }: PNG, x: number, y: number) => [
  ...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 3),
];

describe('an input as a picture', () => {
  it('is what was read before it was normalized', () => {
    const form: InputForm = {
      kind: 'image',
      name: 'image',
      shape: [3, 2, 2],
      resize: false,
      normalization: { mean: [0.5, 0.25, 0], deviation: [0.5, 0.25, 2] },
    };
    const bytes = [0, 255, 128, 64, 255, 0, 10, 20, 1, 2, 3, 4];
    const { mean, deviation } = form.normalization ?? { mean: [], deviation: [] };
    const values = Float32Array.from(bytes, (byte, i) => {
      const channel = Math.floor(i / 4);
      return (byte / 255 - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
    });
    const png = decode(pictureUri(form, values));
    expect([png.width, png.height]).toEqual([2, 2]);
    expect(pixel(png, 0, 0)).toEqual([0, 255, 1]);
    expect(pixel(png, 1, 0)).toEqual([255, 0, 2]);
    expect(pixel(png, 1, 1)).toEqual([64, 20, 4]);
  });

  it('is grey of one plane, and no larger than 64 pixels', () => {
    const form: InputForm = { kind: 'image', name: 'image', shape: [130, 100], resize: false };
    const png = decode(pictureUri(form, new Float32Array(13_000).fill(0.6)));
    expect([png.width, png.height]).toEqual([34, 44]);
    expect(pixel(png, 33, 43)).toEqual([153, 153, 153]);
  });

  it('of an array without a range of its own goes from black to white', () => {
    const form: InputForm = { kind: 'array', name: 'field', shape: [2, 2] };
    const png = decode(pictureUri(form, Float32Array.of(-3, 1, 5, 5)));
    expect([pixel(png, 0, 0)[0], pixel(png, 1, 0)[0], pixel(png, 1, 1)[0]]).toEqual([0, 128, 255]);
  });

  it('is none of a row, of a list, or of other numbers than its shape has', () => {
    expect(pictureUri({ kind: 'array', name: 'x', shape: [16] }, new Float32Array(16))).toBeUndefined();
    expect(pictureUri({ kind: 'array', name: 'x', shape: [2, 2] }, new Float32Array(5))).toBeUndefined();
    expect(pictureUri({ kind: 'table', name: 'x', columns: [] }, new Float32Array(4))).toBeUndefined();
  });
});

it('a row is its columns by name, in what they were measured in', () => {
  const form: InputForm = {
    kind: 'table',
    name: 'row',
    columns: [
      { kind: 'number', name: 'length' },
      { kind: 'category', name: 'color', vocabulary: ['red', 'blue'], encoding: 'one-hot' },
      { kind: 'category', name: 'size', vocabulary: ['small', 'large'], encoding: 'index' },
    ],
    normalization: { mean: [10, 0, 0, 0], deviation: [2, 1, 1, 1] },
  };
  expect(rowText(form, Float32Array.of(1.5, 0, 1, 1))).toBe('length 13.00, color blue, size large');
  expect(rowText({ kind: 'array', name: 'x', shape: [1] }, Float32Array.of(1))).toBeUndefined();
});
