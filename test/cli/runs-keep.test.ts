// What `nnc runs` changes: names, notes, pins, and runs that are deleted.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith, nncHere } from './program.ts';

const [a, b] = ['2026-01-01_10-00-00', '2026-01-02_10-00-00'];
const record = JSON.stringify({ ended: 'completed', epochs: 3 });

function project() {
  const cwd = folderWith({
    [`runs/points/${a}/run.json`]: record,
    [`runs/points/${b}/run.json`]: record,
    [`runs/points/${b}/tensorboard/train/events`]: 'x'.repeat(2000),
    [`runs/trees/${a}/run.json`]: record,
  });
  const runs = async (...words: readonly string[]) => {
    const { code, stdout, stderr } = await nncHere(['runs', ...words], { cwd });
    return { code, stdout, stderr };
  };
  const label = (place: string): unknown =>
    JSON.parse(readFileSync(join(cwd, 'runs', place, 'label.json'), 'utf8'));
  return { cwd, runs, label };
}

describe('nnc runs', () => {
  it('names, notes and pins a run, and shows it in its list', async () => {
    const { cwd, runs, label } = project();
    expect(await runs('name', `points/${a}`, 'wide, slow')).toEqual({
      ...{ code: 0, stderr: '', stdout: `points/${a} is called wide, slow\n` },
    });
    expect((await runs('note', 'wide, slow', 'as in the paper')).stdout).toBe(
      `points/${a}: as in the paper\n`,
    );
    expect((await runs('pin', 'wide, slow')).stdout).toContain('is pinned');
    expect(label(`points/${a}`)).toEqual({
      format: 1,
      name: 'wide, slow',
      note: 'as in the paper',
      pinned: true,
    });

    const { stdout } = await runs('points');
    expect(stdout).toMatch(/^run +name +state /m);
    expect(stdout).toMatch(/^2026-01-01_10-00-00 {2}wide, slow \(pinned\) {2}completed /m);
    expect(stdout).toMatch(/^2026-01-02_10-00-00 {2}– +completed /m);
    expect(stdout).toMatch(/^ {2}2026-01-01_10-00-00: as in the paper$/m);
    expect((await runs('trees')).stdout).toMatch(/^run +state /m);
    const json = JSON.parse((await runs('points', '--json')).stdout) as { runs: unknown };
    expect(json.runs).toMatchObject([
      { name: 'wide, slow', note: 'as in the paper', pinned: true },
      { name: null, note: null, pinned: false },
    ]);
    expect((await runs('compare', 'wide, slow', `points/${b}`)).stdout).toMatch(
      /^result +wide, slow +points\//m,
    );

    expect((await runs('name', 'wide, slow', 'narrow')).stdout).toContain(
      'called narrow, no longer wide, slow',
    );
    await runs('note', 'narrow', '');
    await runs('unpin', 'narrow');
    await runs('name', 'narrow', '');
    expect(existsSync(join(cwd, `runs/points/${a}/label.json`))).toBe(false);
  });

  it.each([
    ['last', '`--checkpoint` takes it for something else'],
    ['a/b', 'it would be taken for a path or an option'],
    ['x.safetensors', 'it would be taken for a path or an option'],
    ['x'.repeat(61), 'it has more than 60 characters'],
    ['\u202ex', 'it holds characters that cannot be seen'],
    ['taken', `points/${b} is called so`],
    [b, `points/${b} is called so`],
  ])('refuses the name %j', async (name, reason) => {
    const { runs } = project();
    await runs('name', `points/${b}`, 'taken');
    const { code, stderr } = await runs('name', `points/${a}`, name);
    expect([code, stderr.includes(reason)]).toEqual([2, true]);
    // a run may keep its own, and runs of several models may have the same
    expect((await runs('name', `points/${b}`, 'taken')).code).toBe(0);
    expect((await runs('name', `trees/${a}`, 'taken')).code).toBe(0);
  });

  it('deletes runs once that is confirmed, and nothing else', async () => {
    const { cwd, runs } = project();
    const asked = await runs('delete', `points/${a}`, `points/${b}`);
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain('error[run.delete]: this would delete 2 runs for good:');
    expect(asked.stderr).toContain(`\n  points/${b}: completed, 2.0 kB\n`);
    expect(asked.stderr).toContain('--yes');
    expect(existsSync(join(cwd, `runs/points/${a}`))).toBe(true);
    const done = await runs('delete', `points/${b}`, '--yes');
    expect(done).toEqual({ code: 0, stderr: '', stdout: `deleted points/${b}\n` });
    expect([a, b].map((time) => existsSync(join(cwd, `runs/points/${time}`)))).toEqual([true, false]);
  });

  it('does not delete what is pinned, running, or named by mistake', async () => {
    const { cwd, runs } = project();
    await runs('pin', `points/${a}`);
    const pinned = await runs('delete', `points/${b}`, `points/${a}`, '--yes');
    expect([pinned.code, pinned.stderr.includes(`nnc runs unpin points/${a}`)]).toEqual([2, true]);
    const holder = { pid: process.pid, host: `${hostname()}-other`, began: '' };
    writeFileSync(join(cwd, `runs/points/${b}/run.lock`), JSON.stringify(holder));
    const running = await runs('delete', `points/${b}`, '--yes');
    expect([
      running.code,
      running.stderr.includes(`process ${process.pid} on ${hostname()}-other holds it`),
    ]).toEqual([2, true]);
    expect((await runs('points')).stdout).toMatch(/^2026-01-02_10-00-00 +– +running /m);
    const unknown = await runs('delete', `points/${b}1`, '--yes');
    expect([unknown.code, unknown.stderr.includes('Did you mean')]).toEqual([2, true]);
    expect([a, b].map((time) => existsSync(join(cwd, `runs/points/${time}`)))).toEqual([true, true]);
  });

  it.each([
    [['name'], 'needs a run'],
    [['name', 'last'], 'needs a name'],
    [['name', 'last', 'a', 'b'], 'one argument too many'],
    [['pin'], 'needs a run'],
    [['delete'], 'needs a run'],
    [['note', 'nothing', 'x'], 'there is no run nothing'],
  ])('%j is incomplete', async (words, message) => {
    const { code, stderr } = await project().runs(...words);
    expect([code, stderr.includes(message)]).toEqual([2, true]);
  });
});
