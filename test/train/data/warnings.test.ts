// What is warned of in data that can be read: one wrong and one right set for each warning.
import { expect, it } from 'vitest';
import { diagnosticText } from '../../../src/diagnostics/message.ts';
import type { Json } from '../../../src/runtime/specification.ts';
import { loadData, type DataModel, type DataOptions } from '../../../src/train/data/load-data.ts';
import { classOf, folderWith, real, setting } from './files.ts';

interface Given {
  readonly csv: string;
  readonly model: DataModel;
  readonly named?: { readonly [name: string]: Json };
  readonly options?: Partial<DataOptions>;
}

async function warnings({ csv, model, named, options }: Given): Promise<readonly string[]> {
  const { folder, remove } = await folderWith({ 't.csv': csv });
  try {
    const data = setting('csv', { target: 'y', ...named }, ['t.csv']);
    const { warnings: found } = await loadData(data, model, { folder, ...options });
    for (const each of found) expect(each.severity).toBe('warning');
    return found.map((each) => `${each.code}: ${diagnosticText(each).message}`);
  } finally {
    await remove();
  }
}

const table = (header: string, row: (i: number) => readonly (number | string)[], count = 40) =>
  `${header}\n${Array.from({ length: count }, (_, i) => `${row(i).join(',')}\n`).join('')}`;
const two: DataModel = { inputs: [real('x', [2])], targets: [real('y', [1])] };
const wave = (i: number) => Math.round(1000 * Math.sin(1.7 * i)) / 1000;

it('nothing, where there is nothing', async () => {
  expect(
    await warnings({ csv: table('a,b,y', (i) => [wave(i), wave(3 * i), wave(2 * i)]), model: two }),
  ).toEqual([]);
});

it('classes that never occur', async () => {
  const csv = table('a,b,y', (i) => [wave(i), wave(3 * i), i % 3]);
  const model = (classes: number) => ({ ...two, targets: [classOf('y', classes)] });
  expect(await warnings({ csv, model: model(3) })).toEqual([]);
  expect(await warnings({ csv, model: model(5) })).toEqual([
    'data.classes: `y` is class(5), but of its classes only 3 occur in the data: 3 and 4 never do',
  ]);
  const numbered = table('a,b,y', (i) => [wave(i), wave(3 * i), 1 + (i % 3)]);
  expect(await warnings({ csv: numbered, model: model(4) })).toEqual([
    'data.classes: `y` is class(4), but of its classes only 3 occur in the data: 0 never do',
  ]);
});

it('constant columns', async () => {
  const csv = table('a,b,y', (i) => [wave(i), 7, 3]);
  expect(await warnings({ csv, model: two })).toEqual([
    'data.constant: `b` (7) has one value in all training examples',
    'data.constant: `y` (3) has one value in all training examples',
  ]);
});

it('features of very different sizes, unless they are normalized', async () => {
  const csv = table('a,b,y', (i) => [wave(i), 40_000 * wave(3 * i), wave(2 * i)]);
  const [found, ...others] = await warnings({ csv, model: two });
  expect(found).toMatch(/^data\.unscaled: .*`a` deviates by 0\.6993 and `b` deviates by 2\d+\.\d$/);
  expect(others).toEqual([]);
  for (const normalize of [true, 'inputs'])
    expect(await warnings({ csv, model: two, named: { normalize } })).toEqual([]);
  const far = table('a,b,y', (i) => [wave(i), 2000 + wave(3 * i), wave(2 * i)]);
  expect((await warnings({ csv: far, model: two }))[0]).toMatch(
    /`b` deviates by 0\.7\d* about a mean of (1999|2000)/,
  );
});

it('targets far from what a new model gives, unless the model scales them', async () => {
  const csv = table('a,b,y', (i) => [wave(i), wave(3 * i), 300_000 + 50_000 * wave(2 * i)]);
  const scale = { target: 'y', statistic: 'mean' } as const;
  const initial = { kind: 'fill', value: 0 } as const;
  const stored = [{ path: 'y.mean', shape: [1], storage: 'buffer', initial, scale }] as const;
  const [found, ...others] = await warnings({ csv, model: two });
  expect(found).toMatch(/^data\.target-scale: the target `y` has a mean of 3?\d+\.\d/);
  expect(others).toEqual([]);
  expect(await warnings({ csv, model: { ...two, stored }, named: { normalize: true } })).toEqual([]);
  expect(await warnings({ csv, model: two, named: { normalize: true } })).toHaveLength(1);
});

it('random parts of rows in the order of time', async () => {
  const rows = (i: number) => [
    `2024-01-${String(1 + Math.floor(i / 2)).padStart(2, '0')}`,
    wave(i),
    wave(3 * i),
    wave(2 * i),
  ];
  const csv = table('start_date,a,b,y', rows);
  const given = { csv, model: two, named: { features: ['a', 'b'] } };
  expect(await warnings(given)).toEqual([]);
  expect(await warnings({ ...given, options: { validation: 0.2 } })).toEqual([
    'data.time-order: the rows are in the order of `start_date`, and the examples for validation are drawn from among those that are trained on',
  ]);
  expect(await warnings({ ...given, named: { ...given.named, test: 0.2 } })).toHaveLength(1);
  const shuffled = table('start_date,a,b,y', (i) => rows((i * 7) % 40));
  expect(await warnings({ ...given, csv: shuffled, options: { validation: 0.2 } })).toEqual([]);
  const update = table('update,a,b,y', (i) => [i, wave(i), wave(3 * i), wave(2 * i)]);
  expect(await warnings({ ...given, csv: update, options: { validation: 0.2 } })).toEqual([]);
});

it('what the data line allows is not told', async () => {
  const text = '  data csv("t.csv")  // allow(data.constant): kept for later';
  const span = { source: { path: 'm.nn', text, library: false }, start: 2, end: 19 };
  const csv = table('a,b,y', (i) => [wave(i), 7, 3000 + wave(2 * i)]);
  const found = await warnings({ csv, model: two, options: { span } });
  expect(found.map((each) => each.split(':')[0])).toEqual(['data.target-scale']);
});
