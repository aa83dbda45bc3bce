// Augmentation of pictures, told by what becomes of them.
import { describe, expect, it } from 'vitest';
import { batches } from '../../../src/train/data/feed/batches.ts';
import type { Augmentation, Split } from '../../../src/train/data/dataset.ts';
import { normalQuantiles } from '../../../src/train/data/prepare/noise.ts';

const count = 64;
const height = 6;
const width = 5;
const size = 2 * height * width;

/** Two planes of one value each: 51 and 204, worth 0.2 and 2 · 0.8 - 1 = 0.6. */
function pictures(
  augmentations: readonly Augmentation[],
  of = (plane: number): number => (plane === 0 ? 51 : 204),
): Split {
  const data = Uint8Array.from({ length: count * size }, (_, i) =>
    of(Math.floor((i % size) / (height * width))),
  );
  const table = Float32Array.from({ length: 512 }, (_, i) => (i < 256 ? i / 255 : (2 * (i - 256)) / 255 - 1));
  return {
    count,
    columns: new Map([
      ['image', { kind: 'byte', shape: [size], data, table, channels: 2, picture: { height, width } }],
    ]),
    augmentations,
  };
}

/** Every picture of an epoch, plane by plane. */
function planes(split: Split, epoch = 0): number[][] {
  const found: number[][] = [];
  for (const { image = [] } of batches(split, { batch: 16, shuffle: true, seed: 3, epoch })) {
    const values = [...image];
    for (let at = 0; at < values.length; at += size / 2) found.push(values.slice(at, at + size / 2));
  }
  return found;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]) => {
  const center = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - center) ** 2)));
};

describe('noise', () => {
  it('has the mean zero and the deviation, in each plane’s own scale', () => {
    const found = planes(pictures([{ kind: 'noise', deviation: 0.1 }]));
    const first = found.filter((_, i) => i % 2 === 0).flat();
    const second = found.filter((_, i) => i % 2 === 1).flat();
    // 1920 numbers each: the mean is off by 0.1 / 44, the deviation by as much over √2
    expect(Math.abs(mean(first) - 0.2)).toBeLessThan(0.01);
    expect(Math.abs(deviation(first) - 0.1)).toBeLessThan(0.008);
    expect(Math.abs(mean(second) - 0.6)).toBeLessThan(0.02);
    expect(Math.abs(deviation(second) - 0.2)).toBeLessThan(0.016);
    expect(new Set(first).size).toBeGreaterThan(1000);
  });

  it('is normal', () => {
    const table = normalQuantiles();
    const share = (most: number) => table.filter((value) => Math.abs(value) < most).length / table.length;
    expect(share(1)).toBeCloseTo(0.6827, 3);
    expect(share(2)).toBeCloseTo(0.9545, 3);
    expect(share(3)).toBeCloseTo(0.9973, 3);
    expect(mean([...table])).toBeCloseTo(0, 10);
    expect(deviation([...table])).toBeCloseTo(1, 6);
    expect(table.every((value, i) => i === 0 || value > (table[i - 1] ?? Infinity))).toBe(true);
  });
});

describe('brightness', () => {
  it('multiplies what is above black, alike in all planes, and ends at white', () => {
    const found = planes(pictures([{ kind: 'brightness', amount: 0.5 }]));
    const factors: number[] = [];
    for (let i = 0; i < found.length; i += 2) {
      const [first = NaN] = found[i] ?? [];
      const [second = NaN] = found[i + 1] ?? [];
      expect(found[i]?.every((value) => value === first)).toBe(true);
      const factor = first / 0.2;
      factors.push(factor);
      expect(second).toBeCloseTo(Math.min(1, 2 * 0.8 * factor - 1), 5);
    }
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.5);
    expect(Math.max(...factors)).toBeLessThanOrEqual(1.5);
    expect(deviation(factors)).toBeGreaterThan(0.2);
    const black = planes(pictures([{ kind: 'brightness', amount: 1 }], () => 0));
    expect(new Set(black.flat())).toEqual(new Set([0, -1]));
  });
});

describe('cutout', () => {
  it('sets a square about a pixel to zero, in all planes', () => {
    const found = planes(pictures([{ kind: 'cutout', size: 3 }]));
    const areas = new Set<number>();
    for (let i = 0; i < found.length; i += 2) {
      const holes = [found[i] ?? [], found[i + 1] ?? []].map((plane) =>
        plane.flatMap((value, at) => (value === 0 ? [at] : [])),
      );
      expect(holes[0]).toEqual(holes[1]);
      const columns = new Set(holes[0]?.map((at) => at % width));
      const rows = new Set(holes[0]?.map((at) => Math.floor(at / width)));
      expect(holes[0]?.length).toBe(columns.size * rows.size);
      expect(Math.max(columns.size, rows.size)).toBeLessThanOrEqual(3);
      areas.add(holes[0]?.length ?? 0);
    }
    // whole ones, and those that the border cuts
    expect(areas.has(9)).toBe(true);
    expect(areas.has(4)).toBe(true);
  });
});

describe('what is drawn', () => {
  const all: readonly Augmentation[] = [
    { kind: 'flip' },
    { kind: 'crop', pad: 2 },
    { kind: 'cutout', size: 2 },
    { kind: 'noise', deviation: 0.1 },
    { kind: 'brightness', amount: 0.4 },
  ];

  it('differs from epoch to epoch and from example to example', () => {
    const first = planes(pictures(all));
    expect(planes(pictures(all))).toEqual(first);
    expect(planes(pictures(all), 1)).not.toEqual(first);
    expect(new Set(first.map((plane) => plane.join())).size).toBe(first.length);
  });

  it('does not depend on the batch an example is in', () => {
    const split = pictures(all, (plane) => 100 + plane);
    const inBatches = (batch: number) =>
      Array.from(batches(split, { batch, shuffle: true, seed: 3, epoch: 4 }), ({ image = [] }) => [
        ...image,
      ]).flat();
    expect(inBatches(64)).toEqual(inBatches(16));
    expect(inBatches(32)).toEqual(inBatches(16));
  });
});
