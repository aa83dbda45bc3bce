import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/runtime/specification.ts';
import { loadOrDiagnose, setting } from './files.ts';
import { complaint, digits, folderOf, inFolder, load } from './small-data.ts';

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
    ['mnist', { normalize: 1 }, [], 'data.argument: normalize | mnist | true, false or inputs | 1'],
    ['mnist', { normalize: true }, [false], 'data.argument: mnist | normalize | one value | two'],
    [
      'mnist',
      {},
      [true, 'x', [], 4],
      'data.argument-unknown: mnist | number 4 | It takes normalize, folder, augment.',
    ],
    ['mnist', { folder: '' }, [], 'data.argument: folder | mnist | a text in quotes | ""'],
    ['csv', {}, [], 'data.argument-missing: csv | file | a text in quotes'],
    [
      'csv',
      {},
      ['a'],
      'data.argument-missing: csv | target | the columns of the model\'s target digit, such as `target = "digit"`',
    ],
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
