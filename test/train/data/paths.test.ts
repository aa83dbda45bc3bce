import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DataOptions } from '../../../src/train/data/load-data.ts';
import { classOf, real, setting } from './files.ts';
import { complaint, digits, folderOf, inFolder, load, tiny, values } from './small-data.ts';

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
    expect(file.normalization.get('x')).toEqual({
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

  it('must not lie in a folder beside it whose name begins as its own does', async () => {
    const parent = await folderOf({
      'data/t.csv': table,
      'data-other/secret.csv': table,
      'dat/secret.csv': table,
    });
    const folder = join(parent, 'data');
    const at = (file: string, options: Partial<DataOptions> = {}) =>
      complaint(setting('csv', { target: 'k' }, [file]), { folder, ...options }, ports);
    await symlink(join(parent, 'data-other'), join(folder, 'linked'));
    await symlink(join(parent, 'data-other/secret.csv'), join(folder, 'link.csv'));
    expect(await at('t.csv')).toBe('nothing');
    for (const sibling of ['data-other', 'dat']) {
      for (const path of [`../${sibling}/secret.csv`, join(parent, sibling, 'secret.csv')]) {
        const told = `data.outside: ${path.replace(folder, 'DIR')} | DIR`;
        expect(await at(path), path).toBe(told);
        expect(await at(path, { dataRoot: folder }), path).toBe(told);
      }
    }
    expect(await at('link.csv')).toBe('data.outside: DIR/link.csv | DIR');
    expect(await at('linked/secret.csv')).toBe('data.outside: DIR/linked/secret.csv | DIR');
    expect(await at('secret.csv', { dataRoot: join(parent, 'data-other') })).toBe('nothing');
  });

  it('must be files: a folder is none', async () => {
    const folder = await folderOf({});
    await mkdir(join(folder, 'd.csv'));
    expect(await complaint(setting('csv', { target: 'k' }, ['d.csv']), { folder }, ports)).toBe(
      'data.malformed: DIR/d.csv | CSV | it is not a file',
    );
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
