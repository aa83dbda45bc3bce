// A run that is resumed says what it is resumed with that it was not begun with; two runs never write to one place.
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { points, pointsCsv } from './points.ts';
import { folderWith, nnc } from './program.ts';

it('says what has changed, and refuses a place that is in use', async () => {
  const cwd = folderWith({ 'points.nn': points, 'points.csv': pointsCsv() });
  const train = (...words: readonly string[]) =>
    nnc(['train', 'points.nn', '--no-report', '--out', 'kept', ...words], { cwd });
  expect((await train('--epochs', '1')).code).toBe(0);
  const same = await train('--epochs', '2', '--resume');
  expect([same.code, same.stderr.includes('warning')]).toEqual([0, false]);

  writeFileSync(join(cwd, 'points.nn'), points.replace(/^ *optimizer .*$/m, '  optimizer SGD(lr = 0.25)'));
  const changed = await train('--epochs', '3', '--resume', '--set', 'batch=10');
  expect(changed.stderr).toContain('the run goes on with what it is now');
  expect(changed.stderr).toContain('+ optimizer SGD(lr = 0.25)');
  expect(changed.stderr).toContain('+ --set batch=10');

  writeFileSync(
    join(cwd, 'kept/run.lock'),
    JSON.stringify({ pid: 1, host: `${hostname()}-other`, began: '' }),
  );
  const refused = await train('--epochs', '4');
  expect([refused.code, refused.stderr.includes('error[run.locked]')]).toEqual([2, true]);
});
