import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { areSafe, isOwn, isSafeFolder, readEntry, writeEntry } from '../../src/targets/entries.ts';
import { folderWith } from '../cli/program.ts';
import { lacks, lacksPermissions } from '../support/facilities.ts';

const user = 1000;
const [root, own, other] = [0, user, 1001].map((uid) => (mode: number) => ({ uid, gid: uid, mode })) as [
  (mode: number) => { uid: number; gid: number; mode: number },
  (mode: number) => { uid: number; gid: number; mode: number },
  (mode: number) => { uid: number; gid: number; mode: number },
];

describe('who else can put something there', () => {
  it.each([
    ['a home', [root(0o755), root(0o755), own(0o700), own(0o700)], true],
    ['below a folder that everybody writes, where nobody takes away', [root(0o1777), own(0o700)], true],
    ['a group of the user alone', [root(0o755), own(0o775), own(0o775)], true],
    ['a folder of root', [root(0o755), root(0o700)], false],
    ['a folder of another', [root(0o755), other(0o755)], false],
    ['below a folder of another', [root(0o755), other(0o755), own(0o700)], false],
    ['below a folder that everybody writes', [root(0o755), own(0o777), own(0o700)], false],
    ['below a folder that a group writes', [root(0o755), { ...own(0o775), gid: 50 }, own(0o700)], false],
    ['below another user’s folder with the sticky bit', [root(0o755), other(0o1777), own(0o700)], false],
    ['a folder that everybody writes', [root(0o755), own(0o777)], false],
  ])('%s: %j', (_, levels, safe) => {
    expect(areSafe(levels, user)).toBe(safe);
  });

  it.each([
    [own(0o700), true],
    [own(0o644), true],
    [own(0o666), false],
    [{ ...own(0o664), gid: 50 }, false],
    [other(0o644), false],
    [root(0o644), false],
  ])('a file of an entry, %j', (found, safe) => {
    expect(isOwn(found, user)).toBe(safe);
  });

  it.skipIf(lacksPermissions)('looks at every level of a folder that is there', () => {
    const folder = folderWith({ 'a/b/file': '' });
    expect(isSafeFolder(join(folder, 'a/b'))).toBe(true);
    chmodSync(join(folder, 'a'), 0o777);
    expect(isSafeFolder(join(folder, 'a/b'))).toBe(false);
    // through a link too
    symlinkSync(join(folder, 'a/b'), join(folder, 'link'));
    expect(isSafeFolder(join(folder, 'link'))).toBe(false);
    chmodSync(join(folder, 'a'), 0o755);
    expect(isSafeFolder(join(folder, 'link'))).toBe(true);
  });
});

describe('an entry', () => {
  const files = new Map<string, string | Uint8Array>([
    ['code.js', 'export {};\n'],
    ['code.wasm', Uint8Array.of(0, 97, 115, 109)],
  ]);
  const written = async () => {
    const folder = folderWith({});
    const path = join(folder, 'entry');
    await writeEntry(path, files);
    return { folder, path };
  };
  const textsOf = async (path: string) => (await readEntry(path))?.get('code.js')?.toString();

  async function expectNone(spoil: (path: string) => void): Promise<void> {
    const { folder, path } = await written();
    spoil(path);
    expect(await readEntry(join(folder, 'exchanged'))).toBeUndefined();
    expect(await readEntry(path)).toBeUndefined();
    await writeEntry(path, files);
    expect(await textsOf(path)).toBe('export {};\n');
  }

  it('comes back as it was written, and leaves nothing else behind', async () => {
    const { folder, path } = await written();
    const found = await readEntry(path);
    expect([...(found?.keys() ?? [])]).toEqual([...files.keys()]);
    expect([...(found?.get('code.wasm') ?? [])]).toEqual([0, 97, 115, 109]);
    expect(readdirSync(folder)).toEqual(['entry']);
  });

  it.each<[string, (path: string) => void]>([
    ['emptied', (path) => writeFileSync(join(path, 'code.js'), '')],
    ['changed', (path) => writeFileSync(join(path, 'code.js'), 'export [];\n')],
    ['without its digests', (path) => writeFileSync(join(path, 'digests.json'), '')],
    [
      'with a link in place of a file',
      (path) => {
        renameSync(join(path, 'code.js'), join(path, 'other.js'));
        symlinkSync('other.js', join(path, 'code.js'));
      },
    ],
    [
      'of another name',
      (path) => {
        renameSync(path, `${path}-before`);
        mkdirSync(`${path}-new`);
        renameSync(`${path}-before`, path.replace(/entry$/, 'exchanged'));
      },
    ],
  ])('%s is none, and is written anew', (_, spoil) => expectNone(spoil));

  it.skipIf(lacksPermissions).each<[string, (path: string) => void]>([
    ['itself', (path) => chmodSync(path, 0o777)],
    ['in one file', (path) => chmodSync(join(path, 'code.wasm'), 0o666)],
  ])('that is open to everybody, %s, is none', (_, spoil) => expectNone(spoil));

  const notRoot = process.getuid?.() === 0 ? undefined : 'this user may give files to nobody else';
  it.skipIf(lacks('root', notRoot))('of another user is none', async () => {
    const { path } = await written();
    chownSync(join(path, 'code.js'), 12_345, 12_345);
    expect(await readEntry(path)).toBeUndefined();
    await writeEntry(path, files);
    expect(await textsOf(path)).toBe('export {};\n');
    chownSync(path, 12_345, 12_345);
    expect(await readEntry(path)).toBeUndefined();
  });

  it('is not taken away by whoever writes the same later', async () => {
    const { path } = await written();
    writeFileSync(join(path, 'mark'), '');
    await Promise.all(Array.from({ length: 8 }, () => writeEntry(path, files)));
    expect(readdirSync(path)).toContain('mark');
  });

  it('is whole when several write it at once', async () => {
    const folder = folderWith({});
    const path = join(folder, 'entry');
    await Promise.all(Array.from({ length: 8 }, () => writeEntry(path, files)));
    expect(await textsOf(path)).toBe('export {};\n');
    expect(readdirSync(folder)).toEqual(['entry']);
  });
});
