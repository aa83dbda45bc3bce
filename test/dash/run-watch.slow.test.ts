// What a look at many runs sees, and when.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RunWatch, type ListedRun } from '../../src/dash/run-watch.ts';
import { writeLabel } from '../../src/run-folders/run-label.ts';
import { folderWith } from '../cli/program.ts';

const nameOf = (i: number) => String(i).padStart(4, '0');
const record = (epochs: number) => JSON.stringify({ ended: 'completed', epochs });

function manyRuns(count: number) {
  const folder = join(folderWith({}), 'runs');
  const pathOf = (i: number) => join(folder, 'digits', nameOf(i));
  const write = (i: number, epochs: number) => {
    mkdirSync(pathOf(i), { recursive: true });
    writeFileSync(join(pathOf(i), 'run.json'), record(epochs));
  };
  for (let i = 0; i < count; i++) write(i, 1);
  const watch = new RunWatch(folder, 0);
  const rows = async () => JSON.parse(await watch.list()) as ListedRun[];
  return { folder, pathOf, write, watch, rows };
}

it('runs that come and go are there at the next look', async () => {
  const { pathOf, write, rows } = manyRuns(3);
  expect((await rows()).map(({ time }) => time)).toEqual(['0000', '0001', '0002']);
  write(7, 2);
  expect((await rows()).map(({ time, epochs }) => `${time} ${epochs}`).at(-1)).toBe('0007 2');
  rmSync(pathOf(1), { recursive: true });
  expect((await rows()).map(({ time }) => time)).toEqual(['0000', '0002', '0007']);
});

it('of many that have ended, those that a page shows are seen to change at once, the others in their turn', async () => {
  const { write, watch, rows } = manyRuns(1_000);
  const find = async (i: number) => (await rows()).find(({ time }) => time === nameOf(i));
  const shown = await find(950);
  expect(watch.folderOf(shown?.key ?? '')).toBeDefined();
  write(950, 10);
  write(951, 10);
  const now = await rows();
  expect(now[950]?.epochs).toBe(10);
  // five looks go once around a thousand; nothing was looked at that had no turn
  expect(now[951]?.epochs).toBe(1);
  const seen: (number | undefined)[] = [];
  for (let look = 0; look < 6; look++) seen.push((await find(951))?.epochs);
  expect(seen).toContain(1);
  expect(seen.at(-1)).toBe(10);
});

it('a run is listed with its name, its note and its pin, as soon as it has them', async () => {
  const { pathOf, rows } = manyRuns(2);
  expect((await rows())[1]).toMatchObject({ name: null, note: null, pinned: false });
  await writeLabel(pathOf(1), { name: 'wide', note: 'as in the paper', pinned: true });
  expect((await rows())[1]).toMatchObject({ name: 'wide', note: 'as in the paper', pinned: true });
});

it('the text is the same while nothing changes', async () => {
  const { rows, watch } = manyRuns(5);
  await rows();
  const text = await watch.list();
  expect(await watch.list()).toBe(text);
});
