import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { makeFolder } from '../../src/driver/make-folder.ts';
import { lacksPath, lacksPermissions } from '../support/facilities.ts';
import { testFolder } from '../train/interpreted-run.ts';

it('makes what is missing, and leaves what is there', async () => {
  const folder = testFolder();
  await makeFolder(join(folder, 'a/b/c'));
  await makeFolder(join(folder, 'a/b/c'));
  expect(existsSync(join(folder, 'a/b/c'))).toBe(true);
});

it('names the file that stands where a folder should', async () => {
  const folder = testFolder({ file: '' });
  writeFileSync(join(folder, 'x'), '');
  await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(folder, 'file/below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

it.skipIf(lacksPath('linux', '/proc/self'))(
  'comes back where a parent exists but takes no children',
  async () => {
    await expect(makeFolder('/proc/x/y')).rejects.toMatchObject({ syscall: 'mkdir', path: '/proc/x' });
  },
);

it.skipIf(lacksPermissions)('gives the folders that it makes the permissions asked for', async () => {
  const folder = testFolder();
  await makeFolder(join(folder, 'a/b'), 0o700);
  expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, 'a/b')).mode & 0o777).toBe(0o700);
});

it('is the only place that makes a folder with its parents', () => {
  const root = fileURLToPath(new URL('../../src', import.meta.url));
  const others = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => {
    const text = path.endsWith('.ts') ? readFileSync(join(root, path), 'utf8') : '';
    return /\bmkdir(Sync)?\([^)]*recursive/.test(text);
  });
  expect(others).toEqual([]);
});
