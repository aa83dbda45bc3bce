// A live run is killed fifty times, whenever it may be: what is left always loads, and the run that goes on from it ends in the
// weights of one that was never touched.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSafetensors } from '../../src/runtime/safetensors.ts';
import { newestValid } from '../../src/train/checkpoint/checkpoint.ts';
import { checkpointNames } from '../../src/train/run/context.ts';
import { numbersFrom } from '../ops/tensors.ts';
import { points, pointsCsv } from './points.ts';
import { finish, folderWith, nnc, start } from './program.ts';

const kills = 50;
const random = numbersFrom(21);

function weightsOf(folder: string) {
  const { tensors } = readSafetensors(readFileSync(join(folder, checkpointNames.last)));
  return [...tensors].map(([name, { bytes }]) => [name, Buffer.from(bytes).toString('hex')]);
}

it('survives fifty random kills to the bit', { timeout: 300_000 }, async () => {
  const cwd = folderWith({ 'points.nn': points, 'points.csv': pointsCsv() });
  const words = ['train', '--threads', '1', '--validation', '0.2', '--checkpoint-every', '2'];
  const out = join(cwd, 'run');
  let stepsKept = 0;
  let died = 0;
  for (let i = 0; i < kills; i++) {
    const known = stepsKept > 0 ? ['--resume'] : [];
    const child = start([...words, '--epochs', '1000000', '--out', 'run', ...known], { cwd });
    const ended = finish(child);
    // while it begins, and while epochs come and go
    const sign = i % 5 === 0 ? /to train on/ : /epoch \d+\/\d/;
    await new Promise<void>((seen) => {
      child.stderr.on('data', (text: string) => {
        if (sign.test(text)) seen();
      });
    });
    await new Promise((done) => setTimeout(done, 30 * random()));
    child.kill('SIGKILL');
    if ((await ended).code === null) died++;

    const { checkpoint, rejected } = await newestValid(out, checkpointNames.last);
    expect(rejected).toEqual([]);
    const training = checkpoint?.training;
    const steps = training ? 7 * training.epoch + training.position : 0;
    expect(steps).toBeGreaterThanOrEqual(stepsKept);
    stepsKept = steps;
  }
  expect(died).toBe(kills);
  expect(stepsKept).toBeGreaterThan(kills);

  const epochs = ['--epochs', String(Math.ceil(stepsKept / 7) + 2)];
  const resumed = await nnc([...words, ...epochs, '--out', 'run', '--resume', '--json'], { cwd });
  expect([resumed.code, resumed.stderr.includes('error')]).toEqual([0, false]);
  const whole = await nnc([...words, ...epochs, '--out', 'whole', '--json'], { cwd });
  expect(whole.code).toBe(0);
  expect(weightsOf(out)).toEqual(weightsOf(join(cwd, 'whole')));
  const lossesOf = (text: string) =>
    (JSON.parse(text.trimEnd().split('\n').at(-1) ?? '') as { losses: number[] }).losses;
  expect(lossesOf(resumed.stdout)).toEqual(lossesOf(whole.stdout));
});
