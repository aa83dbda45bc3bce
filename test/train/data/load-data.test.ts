import { describe, expect, it } from 'vitest';
import { idxFile, setting } from './files.ts';
import { folderOf, inFolder, load, tiny, values } from './small-data.ts';

describe('validation and normalization', () => {
  it('keeps a share drawn from the seed, and normalizes by the rest', async () => {
    const folder = await folderOf(inFolder('mnist'));
    const options = { folder, validation: 0.3, seed: 4 };
    const found = await load(setting('mnist', { normalize: true }), options);
    expect([found.train.count, found.validation?.count, found.test?.count]).toEqual([7, 3, 2]);
    const labels = [...values(found, 'train', 'digit'), ...values(found, 'validation', 'digit')];
    expect(labels.sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const image = values(found, 'train', 'image');
    expect(image.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 5);
    expect(image.reduce((sum, value) => sum + value ** 2, 0) / image.length).toBeCloseTo(1, 5);
    const { mean, deviation } = found.normalization.get('image') ?? { mean: [], deviation: [] };
    expect(values(found, 'test', 'image')[3]).toBeCloseTo((1 - (mean[0] ?? 0)) / (deviation[0] ?? 0), 5);

    const again = await load(setting('mnist', { normalize: true }), options);
    expect(again.fingerprint).toBe(found.fingerprint);
    expect(values(again, 'validation', 'digit')).toEqual(values(found, 'validation', 'digit'));
  });

  it('tells data apart by values, normalization and division, not by place', async () => {
    const folder = await folderOf({ ...inFolder('mnist'), ...inFolder('moved') });
    const other = await folderOf(
      inFolder('mnist', { ...tiny, 't10k-labels.idx1-ubyte': idxFile([2], [9, 1]) }),
    );
    const prints = [
      await load(setting('mnist'), { folder }),
      await load(setting('mnist', { normalize: true }), { folder }),
      await load(setting('mnist', { augment: ['flip'] }), { folder }),
      await load(setting('mnist'), { folder, validation: 0.3 }),
      await load(setting('mnist'), { folder, validation: 0.3, seed: 1 }),
      await load(setting('mnist'), { folder: other }),
    ].map(({ fingerprint }) => fingerprint);
    expect(new Set(prints).size).toBe(prints.length);
    expect((await load(setting('mnist', { folder: 'moved' }), { folder })).fingerprint).toBe(prints[0]);
  });
});
