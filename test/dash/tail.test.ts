import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Tail } from '../../src/dash/tail.ts';
import { RunWatch, type ListedRun } from '../../src/dash/run-watch.ts';
import { showLine } from '../../src/train/logs/metric-lines.ts';
import { folderWith } from '../cli/program.ts';

const step = (at: number) =>
  showLine({ kind: 'step', step: at, epoch: 1, time: 1, loss: 1, metrics: new Map(), samples_per_second: 1 });

describe('following a file', () => {
  it('gives whole lines once, as they are added', async () => {
    const path = join(folderWith({}), 'metrics.jsonl');
    const tail = new Tail(path);
    const steps = async () => (await tail.look()).lines.map((line) => line.step);
    expect(await steps()).toEqual([]);
    writeFileSync(path, step(1) + step(2).slice(0, 20));
    expect(await steps()).toEqual([1]);
    appendFileSync(path, step(2).slice(20) + 'no line\n' + step(3));
    expect(await steps()).toEqual([2, 3]);
    expect(await steps()).toEqual([]);
  });

  it('begins again where the file was replaced', async () => {
    const folder = folderWith({ 'metrics.jsonl': step(1) + step(2) });
    const path = join(folder, 'metrics.jsonl');
    const tail = new Tail(path);
    expect(await tail.look()).toMatchObject({ reset: false, more: false });
    writeFileSync(join(folder, 'new'), step(1) + step(5) + step(6));
    renameSync(join(folder, 'new'), path);
    const look = await tail.look();
    expect(look.reset).toBe(true);
    expect(look.lines.map((line) => line.step)).toEqual([1, 5, 6]);
  });

  it('takes a long file in pieces, and a line without end not at all', async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => step(i + 1)).join('');
    const path = join(folderWith({ 'metrics.jsonl': many }), 'metrics.jsonl');
    const tail = new Tail(path);
    const found: number[] = [];
    let looks = 0;
    for (let more = true; more; looks++) {
      const look = await tail.look();
      found.push(...look.lines.map((line) => line.step));
      more = look.more;
    }
    expect(found).toEqual(Array.from({ length: 20_000 }, (_, i) => i + 1));
    expect(looks).toBeGreaterThan(1);
  });
});

it('a run is asked for by a key: what is no key of the list finds no folder', async () => {
  const folder = folderWith({ 'runs/digits/one/run.json': '{}' });
  const watch = new RunWatch(join(folder, 'runs'));
  const [run] = JSON.parse(await watch.list()) as ListedRun[];
  expect(watch.folderOf(run?.key ?? '')).toBe(join(folder, 'runs/digits/one'));
  for (const key of ['digits/one', '../..', '', '__proto__']) expect(watch.folderOf(key)).toBeUndefined();
});
