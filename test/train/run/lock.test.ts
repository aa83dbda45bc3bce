import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { takeLock } from '../../../src/train/run/lock.ts';
import { lacksPath } from '../../support/facilities.ts';
import { testFolder } from '../interpreted-run.ts';

const path = () => join(testFolder(), 'run.lock');

/** No system counts its processes so far. */
const noProcess = 2 ** 31 - 1;

describe('a lock', () => {
  it('is held until it is released', async () => {
    const at = path();
    const lock = await takeLock(at);
    await expect(takeLock(at)).rejects.toThrow('run.locked');
    expect(JSON.parse(readFileSync(at, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
    await lock.release();
    expect(existsSync(at)).toBe(false);
    await (await takeLock(at)).release();
  });

  it('is not held by a process that is dead', async () => {
    const at = path();
    writeFileSync(at, JSON.stringify({ pid: noProcess, host: hostname(), began: '1' }));
    await (await takeLock(at)).release();
  });

  it.skipIf(lacksPath('linux', '/proc/self/stat'))(
    'is not held by another process of the same number',
    async () => {
      const at = path();
      writeFileSync(at, JSON.stringify({ pid: process.ppid, host: hostname(), began: '1' }));
      await (await takeLock(at)).release();
    },
  );

  it('is held by a process on another machine, of which nothing is known', async () => {
    const at = path();
    writeFileSync(at, JSON.stringify({ pid: 1, host: `${hostname()}-other`, began: '1' }));
    await expect(takeLock(at)).rejects.toThrow('run.locked');
  });

  it.each(['', '{', '[]', '{"pid":"x"}'])('that says %j is nobody’s', async (text) => {
    const at = path();
    writeFileSync(at, text);
    await (await takeLock(at)).release();
  });
});
