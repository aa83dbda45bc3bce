import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DataSetting } from '../../../src/runtime/specification.ts';
import { classOf, idxFile, real, setting } from './files.ts';
import { complaint, folderOf, inFolder, load, tiny, values } from './small-data.ts';

describe('MNIST’s files', () => {
  it('are found in a folder the `.nn` file names, below --data-root, or beside the `.nn` file', async () => {
    const folder = await folderOf({ ...inFolder('mine'), ...inFolder('mnist') });
    const dataRoot = await folderOf(inFolder('mnist'));
    const elsewhere = await folderOf({});
    for (const [data, options, origin] of [
      [setting('mnist', { folder: 'mine' }), { folder }, join(folder, 'mine')],
      [setting('mnist', { folder: join(folder, 'mine') }), { folder }, join(folder, 'mine')],
      [setting('mnist', { folder: 'mnist' }), { folder: elsewhere, dataRoot }, join(dataRoot, 'mnist')],
      [setting('mnist'), { folder, dataRoot }, join(dataRoot, 'mnist')],
      [setting('mnist'), { folder: elsewhere, dataRoot: join(dataRoot, 'mnist') }, join(dataRoot, 'mnist')],
      [setting('mnist'), { folder }, join(folder, 'mnist')],
    ] as const) {
      const found = await load(data, options);
      expect(found.description).toBe(
        `mnist from ${origin}: 10 examples to train on, 2 for the test; [2, 2] as [4]`,
      );
    }
    const found = await load(setting('mnist'), { folder });
    expect(values(found, 'test', 'image')).toEqual([0, 0, 0, 1, 0.2, 0.2, 0.2, 0.2].map(Math.fround));
    expect(values(found, 'test', 'digit')).toEqual([9, 0]);
  });

  it('that are missing are named, with where to get them', async () => {
    const folder = await folderOf({ 'half/train-images-idx3-ubyte': tiny['train-images-idx3-ubyte'] });
    const missing = (data: DataSetting) => complaint(data, { folder });
    expect(await missing(setting('mnist', { folder: 'nowhere' }))).toBe(
      'data.file-missing: nowhere | Looked for DIR/nowhere. A path stands relative to the `.nn` file or to --data-root.',
    );
    expect(await missing(setting('mnist', { folder: 'half' }))).toMatch(
      /^data.file-missing: DIR.half.train-labels-idx1-ubyte \| Looked for train-labels-idx1-ubyte, .*\.gz\.$/,
    );
    expect(await missing(setting('cifar10'))).toMatch(
      /^data.missing: cifar10 \| Download it with .nnc data get cifar10., or unpack .*cifar-10-binary.tar.gz.*--data-root/,
    );
  });

  it('that do not belong together are refused', async () => {
    const bad = async (changed: { readonly [name: string]: Uint8Array }) =>
      complaint(setting('mnist', { folder: 'm' }), {
        folder: await folderOf(inFolder('m', { ...tiny, ...changed })),
      });
    expect(await bad({ 'train-labels-idx1-ubyte': idxFile([9], [0, 1, 2, 3, 4, 5, 6, 7, 8]) })).toBe(
      'data.malformed: DIR/m/train-labels-idx1-ubyte | IDX | it holds 9 labels for the 10 examples of DIR/m/train-images-idx3-ubyte',
    );
    expect(await bad({ 't10k-labels.idx1-ubyte': idxFile([2], [9, 10]) })).toBe(
      'data.label: DIR/m/t10k-labels.idx1-ubyte | 2 | 10 | whole numbers from 0 to 9',
    );
    expect(await bad({ 't10k-labels.idx1-ubyte': idxFile([2, 1], [9, 1]) })).toContain(
      'labels have one dimension, not 2',
    );
    expect(await bad({ 't10k-images-idx3-ubyte.gz': idxFile([2, 1, 2], [9, 1, 1, 1]) })).toContain(
      "its pictures are 1 × 2, and the training part's 2 × 2",
    );
    expect(await bad({ 'train-images-idx3-ubyte': idxFile([10, 2, 2], new Uint8Array(40), 9) })).toContain(
      'not bytes',
    );
  });
});

describe('CIFAR-10', () => {
  const record = (label: number, [red, green, blue]: readonly [number, number, number]) =>
    Uint8Array.from({ length: 3073 }, (_, i) =>
      i === 0 ? label : i <= 1024 ? red : i <= 2048 ? green : blue,
    );
  const batchFiles = (last: Uint8Array) => ({
    ...Object.fromEntries(
      [1, 2, 3, 4].map((n) => [`cifar-10-batches-bin/data_batch_${n}.bin`, record(n, [n, 0, 255])]),
    ),
    'cifar-10-batches-bin/data_batch_5.bin': last,
    'cifar-10-batches-bin/test_batch.bin': record(9, [51, 102, 255]),
  });
  const objects = { inputs: [real('image', [3, 32, 32])], targets: [classOf('object', 10)] };

  it('is read in its planes and normalized channel by channel', async () => {
    const folder = await folderOf(batchFiles(record(5, [5, 0, 255])));
    const found = await load(setting('cifar10', { normalize: true }), { folder }, objects);
    expect(values(found, 'train', 'object')).toEqual([1, 2, 3, 4, 5]);
    const { mean = [], deviation = [] } = found.normalization.get('image') ?? {};
    expect(mean.map((value) => value * 255)).toEqual([expect.closeTo(3, 6), 0, expect.closeTo(255, 6)]);
    expect(deviation).toEqual([expect.closeTo(Math.SQRT2 / 255, 6), 1, 1]);
    const test = values(found, 'test', 'image');
    expect(test[0]).toBeCloseTo((51 - 3) / Math.SQRT2, 3);
    expect(test[1024]).toBeCloseTo(0.4, 6);
    expect(test[2048]).toBeCloseTo(0, 6);
    expect(found.train.columns.get('image')).toMatchObject({
      channels: 3,
      picture: { height: 32, width: 32 },
    });
    expect(found.classes?.[9]).toBe('truck');
  });

  it('is refused with a label out of range, or a broken record', async () => {
    const bad = async (last: Uint8Array) =>
      complaint(setting('cifar10'), { folder: await folderOf(batchFiles(last)) }, objects);
    expect(await bad(record(10, [0, 0, 0]))).toBe(
      'data.label: DIR/cifar-10-batches-bin | 5 | 10 | whole numbers from 0 to 9',
    );
    expect(await bad(record(1, [0, 0, 0]).slice(1))).toContain(
      'its 3072 bytes are no whole number of records of 3073',
    );
    expect(await bad(new Uint8Array())).toContain('its 0 bytes are no whole number');
  });
});
