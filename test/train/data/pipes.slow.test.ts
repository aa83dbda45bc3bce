import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lacksPipes } from '../../support/facilities.ts';
import { classOf, real, setting } from './files.ts';
import { complaint, folderOf } from './small-data.ts';

it.skipIf(lacksPipes)('a pipe is no data, and nobody waits for it', async () => {
  const folder = await folderOf({});
  execFileSync('mkfifo', [join(folder, 'p.csv')]);
  const ports = { inputs: [real('x', [2])], targets: [classOf('k', 2)] };
  expect(await complaint(setting('csv', { target: 'k' }, ['p.csv']), { folder }, ports)).toBe(
    'data.malformed: DIR/p.csv | CSV | it is not a file',
  );
});
