// A run is resumed with what it was begun with, or with what was asked for by name; two runs never write to one place.
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { points, pointsCsv } from './points.ts';
import { folderWith, nnc } from './program.ts';

it(
  'refuses what has changed, takes it by name, and refuses a place that is in use',
  { timeout: 240_000 },
  async () => {
    const cwd = folderWith({ 'points.nn': points, 'points.csv': pointsCsv() });
    const train = (...words: readonly string[]) =>
      nnc(['train', 'points.nn', '--no-report', '--out', 'kept', ...words], { cwd });
    const resume = (...words: readonly string[]) => train('--resume', ...words);
    const edit = (from: string, to: string) =>
      writeFileSync(join(cwd, 'points.nn'), points.replace(from, to));
    expect((await train('--epochs', '1')).code).toBe(0);
    const same = await resume('--epochs', '2');
    expect([same.code, same.stderr.includes('warning')]).toEqual([0, false]);
    expect(same.stderr).toMatch(
      /^weights: kept\/checkpoint-last\.safetensors, epoch 1, training loss .*; resumed$/m,
    );

    const refused = async (message: string, ...words: readonly string[]) => {
      const { code, stderr } = await resume('--epochs', '3', ...words);
      expect(stderr).toContain(message);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await refused('lr: 0.1 then, 0.5 now', '--set', 'lr=0.5')).toContain('--allow lr goes on');
    expect(await refused('batch: 16 then, 10 now', '--batch', '10')).toContain('--allow batch goes on');
    await refused('seed: 1 then, 2 now', '--seed', '2');
    edit('loss      CrossEntropy', 'loss CrossEntropy(smoothing = 0.1)');
    expect(
      await refused('loss: CrossEntropy then, CrossEntropy(smoothing = 0.1) now', '--set', 'lr=0.5'),
    ).toContain('--allow loss,lr goes on');
    await refused('loss: CrossEntropy then', '--allow', 'lr');
    await refused('Did you mean `loss`?', '--allow', 'los');
    edit('Dropout(0.1)', 'Dropout(0.2)');
    await refused('- net { Linear(8) Tanh Dropout(0.1) Linear(2) }');
    edit('seed = 1', 'seed = 3');
    await refused('seed: 1 then, 3 now');
    edit('momentum = 0.9', 'momentum = 0.8');
    await refused('optimizer: SGD(momentum = 0.9) then, SGD(momentum = 0.8) now');

    const allowed = await resume('--epochs', '3', '--allow', 'optimizer,batch', '--batch', '10');
    expect(allowed.code).toBe(0);
    expect(allowed.stderr).toContain(
      'going on with what is there now:\n  optimizer: SGD(momentum = 0.9) then',
    );
    expect(allowed.stderr).toContain('\n  batch: 16 then, 10 now');
    // what was asked for is from then on what the run has
    expect((await resume('--epochs', '4', '--batch', '10')).code).toBe(0);

    writeFileSync(
      join(cwd, 'kept/run.lock'),
      JSON.stringify({ pid: 1, host: `${hostname()}-other`, began: '' }),
    );
    const locked = await train('--epochs', '4');
    expect([locked.code, locked.stderr.includes('error[run.locked]')]).toEqual([2, true]);
  },
);
