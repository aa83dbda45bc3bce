import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from '../../src/driver/make-folder.ts';
import { lacksPath } from '../support/facilities.ts';
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
