import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { DataSetting, Json, Port } from '../../../src/runtime/specification.ts';
import { slice } from '../../../src/train/data/batches.ts';
import type { Dataset } from '../../../src/train/data/dataset.ts';
import type { DataOptions } from '../../../src/train/data/load-data.ts';
import { classOf, folderWith, idxFile, loadOrDiagnose, real, setting } from './files.ts';

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const remove of cleanup.splice(0)) await remove();
});

async function folderOf(files: { readonly [path: string]: string | Uint8Array }): Promise<string> {
  const { folder, remove } = await folderWith(files);
  cleanup.push(remove);
  return folder;
}

/** Ten pictures of 2 × 2 to train on, with labels 0 … 9, and two for the test. */
const tiny = {
  'train-images-idx3-ubyte': idxFile(
    [10, 2, 2],
    Array.from({ length: 40 }, (_, i) => 6 * i),
  ),
  'train-labels-idx1-ubyte': idxFile(
    [10],
    Array.from({ length: 10 }, (_, i) => i),
  ),
  't10k-images-idx3-ubyte.gz': gzipSync(idxFile([2, 2, 2], [0, 0, 0, 255, 51, 51, 51, 51])),
  't10k-labels.idx1-ubyte': idxFile([2], [9, 0]),
};
const inFolder = (folder: string, files: { readonly [name: string]: string | Uint8Array } = tiny) =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${folder}/${name}`, bytes]));
const digits = { inputs: [real('image', [4])], targets: [classOf('digit', 10)] };
type Model = { readonly inputs: readonly Port[]; readonly targets: readonly Port[] };

async function load(data: DataSetting, options: DataOptions, model: Model = digits): Promise<Dataset> {
  const found = await loadOrDiagnose(data, model, options);
  if ('code' in found) throw new Error(JSON.stringify(found));
  return found;
}

/** `code: arguments`, with the folder left out. */
async function complaint(data: DataSetting, options: DataOptions, model: Model = digits): Promise<string> {
  const found = await loadOrDiagnose(data, model, options);
  if (!('code' in found)) return 'nothing';
  return `${found.code}: ${Object.values(found.args).join(' | ')}`.replaceAll(options.folder, 'DIR');
}

const values = (found: Dataset, part: 'train' | 'validation' | 'test', name: string): number[] => {
  const split = found[part];
  return split ? [...(slice(split, 0, split.count)[name] ?? [])] : [];
};

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

describe('a model that the data does not fit', () => {
  it.each<[string, Model, string]>([
    [
      'an input of another size',
      { ...digits, inputs: [real('image', [785])] },
      'data.port: input | image | [785] | mnist | [2, 2] | Write `input image: [2, 2]`; any shape of as many elements will do.',
    ],
    [
      'too few classes',
      { ...digits, targets: [classOf('digit', 5)] },
      'data.port: target | digit | class(5) | mnist | a class of 10 | Write `target digit: class(10)`.',
    ],
    [
      'a real target',
      { ...digits, targets: [real('y', [])] },
      'data.port: target | y | [] | mnist | a class of 10 | Write `target y: class(10)`.',
    ],
    [
      'two inputs',
      { ...digits, inputs: [real('a', [4]), real('b', [4])] },
      'data.port: input | a | [4] | mnist | image [2, 2] | The model has 2 inputs, and mnist gives 1.',
    ],
    [
      'token ids for pictures',
      { ...digits, inputs: [{ name: 'ids', shape: [4], kind: 'int', limit: 300 }] },
      'data.port: input | ids | int(300)[4] | mnist | [2, 2] | Whole numbers are wanted there.',
    ],
  ])('for %s: both sides are named', async (_, model, message) => {
    expect(await complaint(setting('mnist'), { folder: await folderOf(inFolder('mnist')) }, model)).toBe(
      message,
    );
  });

  it('fits in any shape of as many elements, with more classes, or with a vector for the class', async () => {
    const folder = await folderOf(inFolder('mnist'));
    const model = { inputs: [real('image', [1, 2, 2])], targets: [real('y', [10])] };
    const found = await load(setting('mnist'), { folder }, model);
    expect(found.train.columns.get('image')?.shape).toEqual([1, 2, 2]);
    expect(values(found, 'test', 'y')).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    await load(setting('mnist'), { folder }, { ...digits, targets: [classOf('digit', 12)] });
    await load(setting('mnist'), { folder }, { ...digits, targets: [] });
  });
});

describe('validation and normalisation', () => {
  it('keeps a share drawn from the seed, and normalises by the rest', async () => {
    const folder = await folderOf(inFolder('mnist'));
    const options = { folder, validation: 0.3, seed: 4 };
    const found = await load(setting('mnist', { normalize: true }), options);
    expect([found.train.count, found.validation?.count, found.test?.count]).toEqual([7, 3, 2]);
    const labels = [...values(found, 'train', 'digit'), ...values(found, 'validation', 'digit')];
    expect(labels.sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const image = values(found, 'train', 'image');
    expect(image.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 5);
    expect(image.reduce((sum, value) => sum + value ** 2, 0) / image.length).toBeCloseTo(1, 5);
    const { mean, deviation } = found.normalisation.get('image') ?? { mean: [], deviation: [] };
    expect(values(found, 'test', 'image')[3]).toBeCloseTo((1 - (mean[0] ?? 0)) / (deviation[0] ?? 0), 5);

    const again = await load(setting('mnist', { normalize: true }), options);
    expect(again.fingerprint).toBe(found.fingerprint);
    expect(values(again, 'validation', 'digit')).toEqual(values(found, 'validation', 'digit'));
  });

  it('tells data apart by values, normalisation and division, not by place', async () => {
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

  it('is read in its planes and normalised channel by channel', async () => {
    const folder = await folderOf(batchFiles(record(5, [5, 0, 255])));
    const found = await load(setting('cifar10', { normalize: true }), { folder }, objects);
    expect(values(found, 'train', 'object')).toEqual([1, 2, 3, 4, 5]);
    const { mean = [], deviation = [] } = found.normalisation.get('image') ?? {};
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

describe('files that the `.nn` file names', () => {
  const table = 'a,b,k\n1,2,red\n3,4,blue\n5,6,red\n7,9,blue\n';
  const ports = { inputs: [real('x', [2])], targets: [classOf('k', 2)] };

  it('may be IDX, by name', async () => {
    const folder = await folderOf(inFolder('sub'));
    const named = { images: 'sub/train-images-idx3-ubyte', labels: 'sub/train-labels-idx1-ubyte' };
    const test = { test_images: 'sub/t10k-images-idx3-ubyte.gz', test_labels: 'sub/t10k-labels.idx1-ubyte' };
    const found = await load(setting('idx', { ...named, ...test, normalize: true }), { folder });
    expect([found.train.count, found.test?.count]).toEqual([10, 2]);
    expect((await load(setting('idx', {}, Object.values(named)), { folder })).test).toBeUndefined();
    expect(await complaint(setting('idx', { ...named, test_images: 'sub/x' }), { folder })).toBe(
      'data.argument-missing: idx | test_labels | pictures and labels come together',
    );
    const few = { ...digits, targets: [classOf('digit', 7)] };
    expect(await complaint(setting('idx', named), { folder }, few)).toBe(
      'data.label: DIR/sub/train-labels-idx1-ubyte | 8 | 7 | whole numbers from 0 to 6',
    );
  });

  it('may be a table, with a test file or a share of the rows for the test', async () => {
    const folder = await folderOf({ 'sub/t.csv': table, 'test.csv': 'a,b,k\n0,0,blue\n' });
    const target = { target: 'k', normalize: true };
    const file = await load(
      setting('csv', { ...target, test: 'test.csv' }, ['sub/t.csv']),
      { folder },
      ports,
    );
    expect([file.train.count, file.test?.count, file.classes]).toEqual([4, 1, ['blue', 'red']]);
    expect(file.normalisation.get('x')).toEqual({
      mean: [4, 5.25],
      deviation: [expect.closeTo(Math.sqrt(5), 6), expect.closeTo(Math.sqrt(6.6875), 6)],
    });
    expect(values(file, 'test', 'k')).toEqual([0]);

    const shared = await load(
      setting('csv', { ...target, file: 'sub/t.csv', test: 0.25 }),
      { folder, validation: 0.34, seed: 2 },
      ports,
    );
    const parts = (['train', 'validation', 'test'] as const).map(
      (part) => values(shared, part, 'x').length / 2,
    );
    expect(parts).toEqual([2, 1, 1]);
    const raw = await load(
      setting('csv', { target: 'k', test: 0.25 }, ['sub/t.csv']),
      { folder, validation: 0.34, seed: 2 },
      ports,
    );
    const rows = (['train', 'validation', 'test'] as const).flatMap((part) => values(raw, part, 'x'));
    expect(rows.sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 9]);
  });

  it('must be tables of UTF-8', async () => {
    const folder = await folderOf({ 't.csv': Uint8Array.of(97, 44, 0xff, 10) });
    expect(await complaint(setting('csv', { target: 'k' }, ['t.csv']), { folder }, ports)).toBe(
      'data.malformed: DIR/t.csv | CSV | it is no text in UTF-8, or too long for one',
    );
  });

  it('must lie in the `.nn` file’s folder or in --data-root', async () => {
    const outside = await folderOf({ 'secret.csv': table });
    const folder = await folderOf({ 't.csv': table });
    const at = (file: string, options: Partial<DataOptions> = {}) =>
      complaint(setting('csv', { target: 'k' }, [file]), { folder, ...options }, ports);
    await symlink(join(outside, 'secret.csv'), join(folder, 'link.csv'));
    await symlink(outside, join(folder, 'linked'));
    await symlink('t.csv', join(folder, 'inside.csv'));
    expect(await at('t.csv')).toBe('nothing');
    expect(await at('inside.csv')).toBe('nothing');
    expect(await at(join(folder, 't.csv'))).toBe('nothing');
    for (const path of [`${outside}/secret.csv`, '../secret.csv', 'sub/../../x.csv', '/etc/passwd']) {
      expect(await at(path), path).toBe(`data.outside: ${path} | DIR`);
    }
    expect(await at('link.csv')).toBe('data.outside: DIR/link.csv | DIR');
    expect(await at('linked/secret.csv')).toBe('data.outside: DIR/linked/secret.csv | DIR');
    expect(await at('secret.csv', { dataRoot: outside })).toBe('nothing');
    expect(await at(`${outside}/secret.csv`, { dataRoot: outside })).toBe('nothing');
    expect(await at('none.csv', { dataRoot: outside })).toContain(
      `Looked for DIR/none.csv and ${outside}/none.csv.`,
    );
    expect(await at('t.csv\0.png')).toContain('data.file-missing');
    expect(await at(`${'x'.repeat(300)}.csv`)).toContain('data.file-missing');
  });

  it('must be files: a folder or a pipe is none, and does not keep anyone waiting', async () => {
    const folder = await folderOf({});
    await mkdir(join(folder, 'd.csv'));
    execFileSync('mkfifo', [join(folder, 'p.csv')]);
    for (const name of ['d.csv', 'p.csv']) {
      expect(await complaint(setting('csv', { target: 'k' }, [name]), { folder }, ports)).toBe(
        `data.malformed: DIR/${name} | CSV | it is not a file`,
      );
    }
  });

  it('may not lead out of a folder that is named', async () => {
    const outside = await folderOf(tiny);
    const folder = await folderOf({ 'mnist/x': '' });
    await symlink(join(outside, 'train-images-idx3-ubyte'), join(folder, 'mnist', 'train-images-idx3-ubyte'));
    const told = 'data.outside: DIR/mnist/train-images-idx3-ubyte | DIR';
    expect(await complaint(setting('mnist'), { folder })).toBe(told);
    expect(await complaint(setting('mnist', { folder: 'mnist' }), { folder })).toBe(told);
    await writeFile(join(folder, 'y'), '');
  });
});

describe('arguments', () => {
  const folder = '/nowhere';
  it.each<[string, { readonly [name: string]: Json }, readonly Json[], string]>([
    ['mnits', {}, [], 'data.source: mnits | Did you mean `mnist`?'],
    [
      'imagenet',
      {},
      [],
      'data.source: imagenet | There are mnist, fashion_mnist, cifar10, images, idx, csv, parquet, npy, npz.',
    ],
    [
      'toString',
      {},
      [],
      'data.source: toString | There are mnist, fashion_mnist, cifar10, images, idx, csv, parquet, npy, npz.',
    ],
    [
      'mnist',
      { normalise: true },
      [],
      'data.argument-unknown: mnist | normalise | Did you mean `normalize`?',
    ],
    ['mnist', { x: 1 }, [], 'data.argument-unknown: mnist | x | It takes normalize, folder, augment.'],
    [
      'mnist',
      { constructor: 1 },
      [],
      'data.argument-unknown: mnist | constructor | It takes normalize, folder, augment.',
    ],
    ['mnist', { normalize: 1 }, [], 'data.argument: normalize | mnist | true or false | 1'],
    ['mnist', { normalize: true }, [false], 'data.argument: mnist | normalize | one value | two'],
    [
      'mnist',
      {},
      [true, 'x', [], 4],
      'data.argument-unknown: mnist | number 4 | It takes normalize, folder, augment.',
    ],
    ['mnist', { folder: '' }, [], 'data.argument: folder | mnist | a text in quotes | ""'],
    ['csv', {}, [], 'data.argument-missing: csv | file | a text in quotes'],
    ['csv', {}, ['a'], "data.argument-missing: csv | target | the columns of the model's target digit"],
    [
      'csv',
      { target: 0 },
      ['a'],
      "data.argument: target | csv | a column's name or its number from 1, or a list of them | 0",
    ],
    [
      'csv',
      { separator: 'ab' },
      ['a'],
      'data.argument: separator | csv | one character in quotes, neither a quote nor a line break | "ab"',
    ],
    [
      'csv',
      { test: 1.5 },
      ['a'],
      'data.argument: test | csv | a file in quotes, or a share between 0 and 1 | 1.5',
    ],
    [
      'mnist',
      { augment: 'flip' },
      [],
      'data.argument: augment | mnist | a list of flip, crop(1 to 64), cutout(1 to 256), noise(0 to 1) and brightness(0 to 1) | "flip"',
    ],
    [
      'mnist',
      { augment: ['flip', { name: 'crop', positional: [0], named: {} }] },
      [],
      'data.argument: augment | mnist | a list of flip, crop(1 to 64), cutout(1 to 256), noise(0 to 1) and brightness(0 to 1) | ["flip",{"name":"crop","positional":[0],"named":{}}]',
    ],
  ])('%s(%j, %j) → %s', async (name, named, positional, message) => {
    const found = await complaint(setting(name, named, positional), { folder });
    // Arguments come in the order of the message's table row, which is no part of what is tested here.
    expect(found.split(/: | \| /).sort()).toEqual(message.split(/: | \| /).sort());
  });

  it('may be none, and may be calls', async () => {
    const found = await load(
      setting('mnist', {
        folder: null,
        augment: [
          'flip',
          { name: 'crop', positional: [4], named: {} },
          { name: 'crop', positional: [], named: { pad: 2 } },
        ],
      }),
      { folder: await folderOf(inFolder('mnist')) },
    );
    expect(found.train.augmentations).toEqual([
      { kind: 'flip' },
      { kind: 'crop', pad: 4 },
      { kind: 'crop', pad: 2 },
    ]);
    expect(found.test?.augmentations).toEqual([]);
  });

  it('that are wrong are shown where the `data` line stands', async () => {
    const span = { source: { path: 'a.nn', text: 'data mnits', library: false }, start: 0, end: 10 };
    expect(await loadOrDiagnose(setting('mnits'), digits, { folder, span })).toMatchObject({
      code: 'data.source',
      span,
    });
  });
});
