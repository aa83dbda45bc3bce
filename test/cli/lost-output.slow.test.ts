// Output that cannot be written never ends the work, and is told by the exit code where it was a result.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../src/train/checkpoint/checkpoint.ts';
import { lacksPath } from '../support/facilities.ts';
import { points, pointsCsv } from './points.ts';
import { folderWith, programFile } from './program.ts';

/** A device on which no space is ever left. */
const full = '/dev/full';

function environment(cwd: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1', NNC_CACHE: join(cwd, '.cache') };
  delete env['FORCE_COLOR'];
  return env;
}

/** Runs nnc with stdout, stderr or both on the full device; what the other one took comes back. */
function runFull(words: readonly string[], cwd: string, streams: readonly ('stdout' | 'stderr')[]) {
  const device = openSync(full, 'w');
  const to = (stream: 'stdout' | 'stderr') => (streams.includes(stream) ? device : ('pipe' as const));
  try {
    const { status, stdout, stderr } = spawnSync(process.execPath, [programFile(), ...words], {
      cwd,
      env: environment(cwd),
      encoding: 'utf8',
      stdio: ['ignore', to('stdout'), to('stderr')],
    });
    return { status, text: streams.includes('stdout') ? stderr : stdout };
  } finally {
    closeSync(device);
  }
}

const folder = () => folderWith({ 'points.nn': points, 'points.csv': pointsCsv() });

describe.skipIf(lacksPath('linux', full))('a disk that is full', () => {
  it.each([[['summary', 'points.nn']], [['--help']], [['check', 'points.nn']]])(
    'costs %j its result: one sentence, exit code 74',
    (words) => {
      const { status, text } = runFull(words, folder(), ['stdout']);
      expect(status).toBe(74);
      expect(text).toBe('error: could not write the output: no space is left on the device (ENOSPC)\n');
    },
  );

  it('under the log of a training run costs nothing but the log', async () => {
    const cwd = folder();
    const { status, text } = runFull(['train', 'points.nn', '--epochs', '2', '--json'], cwd, ['stderr']);
    expect(status).toBe(0);
    const { checkpoint } = JSON.parse(text) as { checkpoint: string };
    expect((await readCheckpoint(join(cwd, checkpoint))).training.epoch).toBe(2);
  });

  it('under all output of a training run leaves its checkpoint', async () => {
    const cwd = folder();
    expect(runFull(['train', 'points.nn', '--epochs', '2'], cwd, ['stdout', 'stderr']).status).toBe(74);
    const [run = ''] = readdirSync(join(cwd, 'runs/points'));
    const path = join(cwd, 'runs/points', run, 'checkpoint-last.safetensors');
    expect((await readCheckpoint(path)).training.epoch).toBe(2);
  });
});

it('a terminal that is closed ends training as SIGTERM does: the state is saved', async () => {
  const cwd = folder();
  const child = spawn(process.execPath, [programFile(), 'train', 'points.nn', '--epochs', '100000'], {
    cwd,
    env: environment(cwd),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((done) => child.on('close', done));
  const parent = join(cwd, 'runs/points');
  const metrics = () => {
    const [run] = existsSync(parent) ? readdirSync(parent) : [];
    const path = run === undefined ? '' : join(parent, run, 'metrics.jsonl');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  while (!metrics().includes('"epoch"')) await new Promise((done) => setTimeout(done, 50));
  // as when a terminal is gone: nobody reads any more, and the signal comes twice
  child.stdout.destroy();
  child.stderr.destroy();
  child.kill('SIGHUP');
  child.kill('SIGHUP');
  expect(await ended).toBe(129);
  const [run = ''] = readdirSync(parent);
  const { training } = await readCheckpoint(join(parent, run, 'checkpoint-last.safetensors'));
  expect(training.epoch + training.position).toBeGreaterThan(0);
});
