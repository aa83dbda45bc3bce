// A run is resumed with what it was begun with, or with what was asked for by name; two runs never write to one place.
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { points, pointsCsv } from './points.ts';
import { folderWith, nnc } from './program.ts';

/** Each process may wait for the machine. */
const timeout = 240_000;

it(
  'refuses what has changed, takes it by name, and refuses a place that is in use',
  { timeout },
  async () => {
    const cwd = folderWith({ 'points.nn': points, 'points.csv': pointsCsv() });
    const train = (...words: readonly string[]) =>
      nnc(['train', 'points.nn', '--no-report', '--out', 'kept', ...words], { cwd });
    expect((await train('--epochs', '1')).code).toBe(0);
    const same = await train('--epochs', '2', '--resume');
    expect([same.code, same.stderr.includes('warning')]).toEqual([0, false]);
    expect(same.stderr).toMatch(
      /^weights: kept\/checkpoint-last\.safetensors, epoch 1, training loss .*; resumed$/m,
    );

    writeFileSync(join(cwd, 'points.nn'), points.replace('momentum = 0.9', 'momentum = 0.8'));
    const refused = await train('--epochs', '3', '--resume');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('optimizer: SGD(momentum = 0.9) then, SGD(momentum = 0.8) now');
    const misspelt = await train('--epochs', '3', '--resume', '--allow', 'optimiser');
    expect([misspelt.code, misspelt.stderr.includes('Did you mean `optimizer`?')]).toEqual([2, true]);
    const allowed = await train('--epochs', '3', '--resume', '--allow', 'optimizer');
    expect(allowed.code).toBe(0);
    expect(allowed.stderr).toContain(
      'going on with what is there now:\n  optimizer: SGD(momentum = 0.9) then',
    );
    // what was asked for is from then on what the run has
    expect((await train('--epochs', '4', '--resume')).code).toBe(0);

    writeFileSync(
      join(cwd, 'kept/run.lock'),
      JSON.stringify({ pid: 1, host: `${hostname()}-other`, began: '' }),
    );
    const locked = await train('--epochs', '4');
    expect([locked.code, locked.stderr.includes('error[run.locked]')]).toEqual([2, true]);
  },
);
