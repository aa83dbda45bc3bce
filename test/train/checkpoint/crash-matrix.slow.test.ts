// The process is killed, or the disk fails, at each system call of writing a checkpoint: what is left loads, and goes on to the same
// weights. strace plays the disk.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors } from '../../../src/runtime/safetensors.ts';
import { newestValid, parseCheckpoint } from '../../../src/train/checkpoint/checkpoint.ts';
import { sourceOfBytes } from '../../../src/train/checkpoint/seal.ts';
import { pointsCsv } from '../../cli/points.ts';
import { lacks } from '../../support/facilities.ts';
import { compileForThread } from '../data/compiled.ts';
import { compileText, filesOf, placesIn, runInterpreted, testFolder } from '../interpreted-run.ts';

const tried = spawnSync('strace', ['-qq', '-e', 'trace=none', 'true'], { encoding: 'utf8' });
const lacksStrace = lacks(
  'strace',
  tried.status === 0 ? undefined : (tried.error?.message ?? `strace may not trace here: ${tried.stderr}`),
);

const text = `model Points {
  input  x: [2]
  target kind: class(2)
  net { Linear(4)  Tanh  Dropout(0.2)  Linear(2) }
  loss      CrossEntropy
  optimizer Adam(lr = 0.05)
  data  csv("points.csv", target = "kind", test = 0.25)
  train { epochs = 2  batch = 30  seed = 1 }
}`;

const calls = ['unlink', 'openat', 'write', 'pwrite64', 'fsync', 'rename'] as const;
const faults = ['signal=KILL', 'error=ENOSPC', 'error=EIO'] as const;

let writer: URL;
beforeAll(async () => {
  if (!lacksStrace) writer = await compileForThread('src/train/checkpoint/files.ts');
});

/** Writes the new checkpoint over the old one, with one fault; `at` counts the calls of that kind from 1. */
function writeWithFault(folder: string, call: string, fault: string, at: number) {
  const path = join(folder, 'last.safetensors');
  const script = join(folder, '..', 'writer.mjs');
  const log = join(folder, '..', 'calls.log');
  const paths = [`${path}.partial`, path, folder].flatMap((each) => ['-P', each]);
  const { status, stderr } = spawnSync(
    'strace',
    [
      ...['-f', '-qq', '-o', log, ...paths, '-e', `trace=${calls.join(',')}`],
      ...[
        '-e',
        `inject=${call}:${fault}:when=${at}`,
        process.execPath,
        script,
        path,
        join(folder, '../new.safetensors'),
      ],
    ],
    // one thread does all the file operations, so that calls are counted over all of them
    { env: { ...process.env, UV_THREADPOOL_SIZE: '1' }, encoding: 'utf8' },
  );
  const seen = readFileSync(log, 'utf8');
  const injected = fault === 'signal=KILL' ? seen.includes('killed by SIGKILL') : seen.includes('(INJECTED)');
  return { status, stderr, injected };
}

describe.skipIf(lacksStrace)('writing a checkpoint', () => {
  it('that fails anywhere leaves one that goes on to the same weights', { timeout: 120_000 }, async () => {
    const compilation = compileText(text);
    const data = testFolder({ 'points.csv': pointsCsv() });
    const weightsOf = (path: string) =>
      [...readSafetensors(readFileSync(path)).tensors].map(([name, { bytes }]) => [
        name,
        Buffer.from(bytes).toString('hex'),
      ]);
    await runInterpreted({ compilation, folder: data, changes: { places: placesIn(data, 'whole') } });
    const whole = weightsOf(placesIn(data, 'whole').checkpoint('last'));

    // the state after three steps is there, that after six is to take its place
    const stopAt = async (step: number, resume?: Uint8Array): Promise<Uint8Array> => {
      const controller = new AbortController();
      const path = placesIn(data).checkpoint('last');
      await runInterpreted({
        compilation,
        folder: data,
        ...(resume && { resume: await parseCheckpoint(path, sourceOfBytes(resume)) }),
        changes: {
          signal: controller.signal,
          observers: [{ stepped: ({ position }) => void (position.step === step && controller.abort()) }],
        },
      });
      return readFileSync(path);
    };
    const old = await stopAt(3);
    const fresh = await stopAt(6, old);
    for (const bytes of [old, fresh]) {
      await stopAt(Infinity, bytes);
      expect(weightsOf(placesIn(data).checkpoint('last'))).toEqual(whole);
    }

    const seen = { old: 0, fresh: 0, faults: 0 };
    const around = testFolder({ 'new.safetensors': fresh });
    writeFileSync(
      join(around, 'writer.mjs'),
      `import { readFileSync } from 'node:fs';
import { systemFiles, writeWhole } from ${JSON.stringify(writer.href)};
const [path, source] = process.argv.slice(2);
const bytes = readFileSync(source);
// as a checkpoint is written: the checksum over the head when the rest is there
const contents = async ({ append, replace }) => {
  await append(bytes.subarray(0, 100).fill(0x20, 50));
  await append(bytes.subarray(100));
  await replace(readFileSync(source).subarray(50, 100), 50);
};
await writeWhole(path, contents, systemFiles).catch((error) => {
  process.stderr.write(error.code);
  process.exitCode = 74;
});`,
    );
    for (const call of calls)
      for (const fault of faults)
        for (let at = 1; ; at++) {
          const folder = join(around, 'run');
          rmSync(folder, { recursive: true, force: true });
          mkdirSync(folder);
          writeFileSync(join(folder, 'last.safetensors'), old);
          const where = `${call}:${fault}:${at}`;
          const { status, stderr, injected } = writeWithFault(folder, call, fault, at);
          const { checkpoint, rejected } = await newestValid(folder);
          expect(rejected, where).toEqual([]);
          const left = checkpoint ? readFileSync(checkpoint.path) : new Uint8Array();
          const state = Buffer.compare(left, fresh) === 0 ? 'fresh' : 'old';
          expect(Buffer.compare(left, state === 'fresh' ? fresh : old), where).toBe(0);
          seen[state]++;
          if (!injected) {
            expect([status, state], where).toEqual([0, 'fresh']);
            break;
          }
          seen.faults++;
          if (fault !== 'signal=KILL') {
            expect([status, stderr], where).toEqual([74, fault.slice('error='.length)]);
            if (call !== 'unlink') expect(filesOf(folder), where).toEqual(['last.safetensors']);
          }
          // and what it left does not stand in the way of the next
          expect(writeWithFault(folder, 'write', 'error=EIO', 99).status, where).toBe(0);
          const { checkpoint: next } = await newestValid(folder);
          expect(next && readFileSync(next.path).length, where).toBe(fresh.length);
        }
    // unlink, two files opened, a write, two flushed, a rename: each with three faults
    expect(seen.faults).toBeGreaterThanOrEqual(7 * faults.length);
    expect(seen.old).toBeGreaterThan(0);
    expect(seen.fresh).toBeGreaterThan(calls.length * faults.length);
  });
});
