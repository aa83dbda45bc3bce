import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { placeToWrite } from '../../src/driver/place-to-write.ts';
import { lacksPath, lacksPermissions } from '../support/facilities.ts';
import { testFolder } from '../train/interpreted-run.ts';

it('is a file with its mode, or nothing yet', async () => {
  const folder = testFolder({ old: '' });
  expect(await placeToWrite(join(folder, 'new'))).toEqual({ kind: 'file', path: join(folder, 'new') });
  expect(await placeToWrite(join(folder, 'old'))).toMatchObject({ kind: 'file', path: join(folder, 'old') });
  await expect(placeToWrite(folder)).rejects.toMatchObject({ code: 'EISDIR', path: folder });
});

it.skipIf(lacksPermissions)(
  'is what links lead to, one after the other, even if it is not there yet',
  async () => {
    const folder = testFolder();
    mkdirSync(join(folder, 'a'));
    writeFileSync(join(folder, 'a/real'), '');
    symlinkSync('a/real', join(folder, 'one'));
    symlinkSync('one', join(folder, 'two'));
    symlinkSync('a/later', join(folder, 'dangling'));
    symlinkSync('circle', join(folder, 'circle'));
    expect(await placeToWrite(join(folder, 'two'))).toMatchObject({
      kind: 'file',
      path: join(folder, 'a/real'),
    });
    expect(await placeToWrite(join(folder, 'dangling'))).toEqual({
      kind: 'file',
      path: join(folder, 'a/later'),
    });
    await expect(placeToWrite(join(folder, 'circle'))).rejects.toMatchObject({ code: 'ELOOP' });
  },
);

it.skipIf(lacksPath('linux', '/proc/self'))('is a stream where a process has it open', async () => {
  expect(await placeToWrite('/proc/self/fd/1')).toEqual({ kind: 'stream', path: '/proc/self/fd/1' });
});
