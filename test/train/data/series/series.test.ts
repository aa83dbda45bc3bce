// Windows over rows: their values, their parts, and the statistics they are normalized by.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../../src/runtime/specification.ts';
import { batches } from '../../../../src/train/data/feed/batches.ts';
import { divideSeries } from '../../../../src/train/data/series/divide-series.ts';
import type { Run } from '../../../../src/train/data/series/series.ts';
import { classOf, real, setting } from '../files.ts';
import { complaint, folderOf, load, values } from '../small-data.ts';

const past = (...shape: number[]) => ({ inputs: [real('past', shape)], targets: [real('next', [])] });
/** A `.npy` file of float32 numbers. */
function npyFile(shape: readonly number[], first: number): Uint8Array {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`.padEnd(117);
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => first + i);
  const start = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${header}\n`, 'latin1');
  return Buffer.concat([start, Buffer.from(values.buffer)]);
}

const counting = (rows: number, first = 0) =>
  `v\n${Array.from({ length: rows }, (_, i) => first + i).join('\n')}\n`;

async function loadCsv(
  text: string,
  named: { readonly [name: string]: Json },
  model = past(3),
  validation = 0,
) {
  const folder = await folderOf({ 'a.csv': text, 'b.csv': counting(6, 100) });
  return load(setting('csv', { target: 'v', ...named }, ['a.csv']), { folder, validation }, model);
}

describe('windows', () => {
  it('are consecutive rows, with the row after them as target', async () => {
    const found = await loadCsv(counting(6), { window: 3 });
    expect(values(found, 'train', 'past')).toEqual([0, 1, 2, 1, 2, 3, 2, 3, 4]);
    expect(values(found, 'train', 'next')).toEqual([3, 4, 5]);
    expect(found.description).toContain('3 examples to train on; [3], windows of 3 of 6 rows');
  });

  it('have several columns and targets of several rows, and begin a stride apart', async () => {
    const text = 'a,b\n0,10\n1,11\n2,12\n3,13\n4,14\n5,15\n6,16\n';
    const model = { inputs: [real('past', [2, 2])], targets: [real('next', [3, 2])] };
    const found = await loadCsv(text, { target: ['b', 'a'], window: 2, horizon: 3, stride: 2 }, model);
    expect(values(found, 'train', 'past')).toEqual([0, 10, 1, 11, 2, 12, 3, 13]);
    expect(values(found, 'train', 'next')).toEqual([12, 2, 13, 3, 14, 4, 14, 4, 15, 5, 16, 6]);
  });

  it('share the rows of the table, in training batches too', async () => {
    const found = await loadCsv(counting(2000), { window: 1000 }, past(1000));
    const column = found.train.columns.get('past');
    expect(column?.kind === 'float' && column.data.length).toBe(2000);
    const [batch] = batches(found.train, { batch: 8, shuffle: true, seed: 3, epoch: 1 });
    const windows = batch?.['past'] ?? new Float32Array();
    for (let i = 0; i < 8; i++) {
      const window = [...windows.subarray(1000 * i, 1000 * (i + 1))];
      expect(window).toEqual(Array.from({ length: 1000 }, (_, k) => (window[0] ?? NaN) + k));
      expect(batch?.['next']?.[i]).toBe((window[0] ?? NaN) + 1000);
    }
  });

  it('go to several inputs by their columns, categories among them', async () => {
    const text = 'v,kind\n1,b\n2,a\n3,b\n4,a\n';
    const model = {
      inputs: [real('past', [2, 1]), { name: 'kinds', shape: [2], kind: 'int' as const, limit: 2 }],
      targets: [real('next', [])],
    };
    const found = await loadCsv(text, { window: 2, categorical: ['kind'] }, model);
    expect(values(found, 'train', 'kinds')).toEqual([1, 0, 0, 1]);
    const oneHot = await loadCsv(text, { window: 2, categorical: ['kind'] }, past(2, 3));
    expect(values(oneHot, 'train', 'past')).toEqual([1, 0, 1, 2, 1, 0, 2, 1, 0, 3, 0, 1]);
  });

  it('may have classes to forecast', async () => {
    const text = 'v,state\n1,up\n2,up\n3,down\n4,up\n';
    const index = { inputs: [real('past', [2])], targets: [classOf('state', 2)] };
    const given = { window: 2, target: 'state', features: ['v'] };
    expect(values(await loadCsv(text, given, index), 'train', 'state')).toEqual([0, 1]);
    const vector = { inputs: [real('past', [2])], targets: [real('state', [2])] };
    const texts = { ...given, categorical: ['state'] };
    expect(values(await loadCsv(text, texts, vector), 'train', 'state')).toEqual([1, 0, 0, 1]);
  });

  it('come from arrays of NumPy by the same rules', async () => {
    const folder = await folderOf({ 'x.npy': npyFile([6, 2], 0), 'y.npy': npyFile([6], 50) });
    const given = setting('npy', {
      inputs: 'x.npy',
      targets: 'y.npy',
      window: 2,
      test: 0.5,
      normalize: true,
    });
    const found = await load(given, { folder }, past(2, 2));
    expect(values(found, 'train', 'next')).toEqual([52]);
    expect(values(found, 'test', 'next')).toEqual([55]);
    expect(found.normalization.get('past')?.mean).toEqual([2, 3]);
  });
});

describe('the order of rows', () => {
  const stations = 'at,station,v\n2024-01-02,b,11\n2024-01-01,a,0\n2024-01-01,b,10\n2024-01-03,b,12\n2024-01-03,a,2\n2024-01-02,a,1\n'; // prettier-ignore

  it('is that of time, and no window has rows of two groups', async () => {
    const found = await loadCsv(stations, { window: 2, time: 'at', group: 'station' }, past(2));
    expect(values(found, 'train', 'past')).toEqual([10, 11, 0, 1]);
    expect(values(found, 'train', 'next')).toEqual([12, 2]);
  });

  it('is that of the file without a time, and of numbers by their size', async () => {
    const text = 'year,v\n3,3\n1,1\n2,2\n';
    expect(values(await loadCsv(text, { window: 2, time: 'year' }, past(2)), 'train', 'next')).toEqual([3]);
    const unsorted = await loadCsv(text, { window: 2, features: ['v'] }, past(2));
    expect(values(unsorted, 'train', 'past')).toEqual([3, 1]);
  });

  it('has no two rows of a series at the same time', async () => {
    const folder = await folderOf({ 'a.csv': 'at,v\n2024-01-01,1\n2024-01-02,2\n2024-01-01T00:00Z,3\n' });
    const given = setting('csv', { target: 'v', window: 1, time: 'at' }, ['a.csv']);
    expect(await complaint(given, { folder }, past(1))).toMatch(
      /^data.row: DIR\/a.csv \| 4 \| .*`at` says the same time/,
    );
  });

  it('is interrupted by rows that are dropped', async () => {
    const text = 'v\n0\n1\n2\n \n4\n5\n6\n7\n';
    const found = await loadCsv(text, { window: 2, missing: 'drop', missing_marks: ['-'] }, past(2));
    expect(values(found, 'train', 'next')).toEqual([2, 6, 7]);
  });
});

describe('dates as columns', () => {
  it('are seconds, or sines and cosines, in their place', async () => {
    const text = 'v,at\n1,2024-01-01T00:00\n2,2024-01-01T06:00\n3,2024-01-01T12:00\n';
    const given = {
      window: 2,
      time: 'at',
      dates: [{ name: 'at', positional: ['hour', 'seconds'], named: {} }],
    };
    const found = await loadCsv(text, { ...given, normalize: true }, past(2, 4));
    const [v = NaN, sine, cosine, seconds = NaN] = values(found, 'train', 'past').slice(4);
    expect([sine, cosine]).toEqual([1, Math.fround(Math.cos(Math.PI / 2))]);
    // the mean of three rows is taken off before rounding: six hours of 1.7e9 seconds are not lost
    expect([v, seconds]).toEqual([0, 0]);
    expect(found.normalization.get('past')?.deviation[3]).toBeCloseTo(21600 * Math.sqrt(2 / 3), 6);
  });

  it('are columns of tables without windows too', async () => {
    const found = await loadCsv('v,sold\n1,1970-01-02\n2,1970-01-03\n', { dates: ['sold'] }, past(1));
    expect(values(found, 'train', 'past')).toEqual([86400, 172800]);
  });

  it('are refused where a cell is none, by its line', async () => {
    const folder = await folderOf({
      'a.csv': 'v,sold\n1,1970-01-02\n2,2.1.1970\n',
      'b.csv': 'v,sold\n1,1970-01-02\n',
    });
    const given = setting('csv', { target: 'v', dates: ['sold'] }, ['a.csv']);
    expect(await complaint(given, { folder }, past(1))).toBe('data.row: DIR/a.csv | 3 | the column `sold`: it is "2.1.1970", which is no date like 2024-03-31 or 2024-03-31T14:05'); // prettier-ignore
    const undeclared = setting('csv', { target: 'v' }, ['b.csv']);
    expect(await complaint(undeclared, { folder }, past(1))).toContain('`dates = ["sold"]` would take dates');
  });
});

describe('parts', () => {
  it('are the last rows, and no window lies across a cut', async () => {
    const found = await loadCsv(counting(20), { window: 2, test: 0.25 }, past(2), 0.2);
    // rows 15 … 19 are the test part, 12 … 14 validation
    expect(values(found, 'train', 'next')).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(values(found, 'validation', 'past')).toEqual([12, 13]);
    expect(values(found, 'test', 'next')).toEqual([17, 18, 19]);
  });

  it('are cut at the same moment in all groups', async () => {
    const rows = Array.from({ length: 10 }, (_, t) => [
      `${t},a,${t}`,
      ...(t < 7 ? [`${t},b,${100 + t}`] : []),
    ]);
    const text = `t,g,v\n${rows.flat().join('\n')}\n`;
    const found = await loadCsv(text, { window: 1, time: 't', group: 'g', test: 0.3 }, past(1));
    // five of 17 rows, from time 6 on; of `b` one row is left there, too few for an example
    expect(values(found, 'test', 'next')).toEqual([7, 8, 9]);
    expect(values(found, 'train', 'next')).toEqual([1, 2, 3, 4, 5, 101, 102, 103, 104, 105]);
  });

  it('may be whole groups', async () => {
    const text = `g,v\n${Array.from({ length: 40 }, (_, i) => `g${i % 10},${i}`).join('\n')}\n`;
    const given = { window: 2, group: 'g', split: 'groups', test: 0.2 };
    const found = await loadCsv(text, given, past(2), 0.25);
    expect([found.train.count, found.validation?.count, found.test?.count]).toEqual([12, 4, 4]);
    const groups = (part: 'train' | 'validation' | 'test') =>
      new Set(values(found, part, 'next').map((value) => value % 10));
    expect(groups('train').size + groups('validation').size + groups('test').size).toBe(10);
    expect(new Set([...groups('train'), ...groups('validation'), ...groups('test')]).size).toBe(10);
  });

  it('are the last rows of tables without windows, where that is asked for', async () => {
    const text = 't,x,v\n4,4,40\n1,1,10\n3,3,30\n2,2,20\n';
    const found = await loadCsv(
      text,
      { time: 't', split: 'time', test: 0.25, normalize: true },
      past(1),
      0.3,
    );
    expect([values(found, 'train', 'next'), values(found, 'validation', 'next'), values(found, 'test', 'next')]).toEqual([[10, 20], [30], [40]]); // prettier-ignore
    expect(found.normalization.get('past')?.mean).toEqual([1.5]);
  });

  it('have another file as a part of its own', async () => {
    const found = await loadCsv(counting(5), { window: 3, test: 'b.csv' });
    expect(values(found, 'test', 'past').slice(0, 3)).toEqual([100, 101, 102]);
    expect(values(found, 'test', 'next')).toEqual([103, 104, 105]);
  });

  it('give normalization and stand-ins by the rows of training alone, each once', async () => {
    const found = await loadCsv('u,v\n1,0\n,0\n5,0\n100,0\n200,0\n300,0\n', { window: 1, missing: 'mean', normalize: true, test: 0.5, features: ['u'] }, past(1)); // prettier-ignore
    expect(found.normalization.get('past')?.mean).toEqual([3]);
    const [form] = found.preprocessing.inputs;
    expect(form?.kind === 'series' && form.row.kind === 'table' && form.row.columns[0]).toEqual({
      kind: 'number',
      name: 'u',
      missing: 3,
    });
  });

  it('give the scales of targets for every row ahead', async () => {
    const text = `u,v\n${Array.from({ length: 8 }, (_, i) => `${i},${100 * i}`).join('\n')}\n`;
    const model = { inputs: [real('past', [2, 2])], targets: [real('next', [2, 2])] };
    const given = { target: ['u', 'v'], window: 2, horizon: 2, normalize: true, test: 0.5 };
    const { scales } = await loadCsv(text, given, model);
    expect(scales.get('next')?.mean).toEqual([1.5, 150, 1.5, 150]);
    const wide = { inputs: [real('past', [2, 2])], targets: [real('next', [2])] };
    const one = await loadCsv(text, { ...given, horizon: 1 }, wide);
    expect(one.scales.get('next')?.mean).toEqual([1.5, 150]);
  });

  it('share no row, and training is earlier than what is held out', () => {
    const series = fc.record({
      lengths: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
      window: fc.integer({ min: 1, max: 4 }),
      horizon: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 3 }),
      test: fc.double({ min: 0.2, max: 0.5, noNaN: true }),
      validation: fc.double({ min: 0.2, max: 0.5, noNaN: true }),
      timed: fc.boolean(),
    });
    let divided = 0;
    fc.assert(
      fc.property(series, ({ lengths, test, validation, timed, ...form }) => {
        const runs: Run[] = [];
        for (const [group, length] of lengths.entries()) {
          const start = runs.at(-1)?.end ?? 0;
          runs.push({ start, end: start + length, group });
        }
        const count = runs.at(-1)?.end ?? 0;
        const timeOf = (row: number) => row - (runs.find(({ end }) => row < end)?.start ?? 0);
        const times = {
          kind: 'number' as const,
          values: Float64Array.from({ length: count }, (_, row) => timeOf(row)),
        };
        const rows = { runs, groups: lengths.map(String), ...(timed && { times }) };
        const train = { count, fields: new Map(), series: rows };
        let parts: (readonly number[])[];
        try {
          const found = divideSeries(
            'csv',
            { train, test },
            { ...form, split: 'time' },
            { validation, seed: 0 },
          );
          parts = [found.train, found.validation, found.test].map((part) => [...(part ?? [])]);
        } catch {
          return;
        }
        divided++;
        const span = form.window + form.horizon;
        const rowsOf = (starts: readonly number[] = []) =>
          new Set(starts.flatMap((start) => Array.from({ length: span }, (_, i) => start + i)));
        const [training, validating, testing] = [rowsOf(parts[0]), rowsOf(parts[1]), rowsOf(parts[2])];
        for (const row of training) expect(validating.has(row) || testing.has(row)).toBe(false);
        for (const row of validating) expect(testing.has(row)).toBe(false);
        for (const start of parts.flat()) {
          const run = runs.find(({ end }) => start < end);
          expect(start + span).toBeLessThanOrEqual(run?.end ?? 0);
        }
        if (timed) {
          const latest = Math.max(...[...training].map(timeOf));
          expect(Math.min(...[...testing].map(timeOf))).toBeGreaterThan(latest);
        }
      }),
      { seed: 5, numRuns: 300 },
    );
    expect(divided).toBeGreaterThan(50);
  });
});

describe('what is refused', () => {
  const told = async (named: { readonly [name: string]: Json }, model = past(3), rows = 8) => {
    const folder = await folderOf({ 'a.csv': counting(rows) });
    return complaint(setting('csv', { target: 'v', ...named }, ['a.csv']), { folder }, model);
  };

  it.each<[string, { readonly [name: string]: Json }]>([
    ['horizon | a `window` beside it', { horizon: 2 }],
    ['period | a `window` beside it', { period: 2 }],
    ['time | a `window` beside it, or a `split` by it', { time: 'v' }],
    ['split | `time` or `groups` where there is a `window`', { window: 3, split: 'random' }],
    ['period | at most the 3 rows of the window', { window: 3, period: 4 }],
    ['group | the column whose groups are held out', { window: 3, split: 'groups' }],
    ['window | a whole number from 1', { window: 0 }],
    ['window | a whole number from 1', { window: 2.5 }],
    ['split | time, groups or random', { window: 3, split: 'last' }],
    ['dates | a list of columns', { window: 3, dates: [{ name: 'v', positional: ['minute'], named: {} }] }],
    ['dates | columns that are read as features', { dates: ['v'] }],
  ])('%s', async (expected, named) => {
    expect(await told(named)).toContain(expected);
  });

  it('an input of another shape, with the one that takes the columns', async () => {
    expect(await told({ window: 4 }, past(6))).toContain('`past` [6] does not divide into rows of 4 rows, but there are 1 (v); `input past: [4, 1]` takes them'); // prettier-ignore
    expect(await told({ window: 3 }, past(3, 2))).toContain('takes 2 columns of 3 rows, but there are 1 (v); `input past: [3, 1]` takes them'); // prettier-ignore
    const model = { inputs: [real('past', [3])], targets: [real('next', [3])] };
    expect(await told({ window: 3, horizon: 2 }, model)).toContain('`target next: [2, 1]` takes them');
  });

  it('a part that is too short for an example', async () => {
    expect(await told({ window: 3, test: 0.3 })).toBe('data.series: csv | the test part has at most 2 rows one after another, and an example takes 4 | These are `window = 3` and `horizon = 1`. Give the part a larger share, or take a shorter window.'); // prettier-ignore
    expect(await told({ window: 9 }, past(9))).toContain('the train part has at most 8 rows');
  });
});
