// Rows of a series in a standalone module are prepared as they are everywhere else.
import { describe, expect, it } from 'vitest';
import { preparationText } from '../../../src/export/standalone/runtime-text.ts';
import { dateFeatures, parseDate } from '../../../src/runtime/preparation/dates.ts';
import type { ColumnForm, WindowForm } from '../../../src/runtime/preparation/form.ts';
import {
  prepareCells,
  prepareExample,
  prepareNamed,
  prepareWindow,
} from '../../../src/runtime/preparation/prepare.ts';
import type { Port } from '../../../src/runtime/specification.ts';

type Row = Readonly<Record<string, string | number | null>>;

const columns: readonly ColumnForm[] = [
  { kind: 'number', name: 'v', missing: 4 },
  ...dateFeatures.map((feature): ColumnForm => ({ kind: 'date', name: 'at', feature })),
  { kind: 'category', name: 'kind', vocabulary: ['a', 'b'], encoding: 'one-hot' },
];
const ones = (count: number, value: number) => Array.from({ length: count }, () => value);
const port: Port = { name: 'past', shape: [2, 12], kind: 'real' };
const form: WindowForm = {
  kind: 'series',
  name: 'past',
  window: 2,
  row: {
    kind: 'table',
    name: 'past',
    columns,
    normalization: { mean: ones(12, 0.5), deviation: ones(12, 3) },
  },
};

async function prepare(rows: unknown): Promise<Float32Array | undefined> {
  const text = `${await preparationText()}\nexport { prepareExample };`;
  const module = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(text)}`)) as {
    prepareExample: (inputs: unknown, rows: unknown) => ReturnType<typeof prepareExample>;
  };
  return module.prepareExample([{ port, form }], rows)['past'];
}

const rowsAt = (...dates: string[]): Row[] =>
  dates.map((at, i) => ({ v: i === 0 ? null : i, at, kind: 'b' }));

describe('a series in a standalone module', () => {
  it.each([
    ['2024-02-29', '2024-12-31T23:59:59.5'],
    ['1969-12-31 06:30', '0099-03'],
    ['2024-03-31T23:30+02:00', '2024-03-31T23:30-0330'],
  ])('is prepared as in training: %s, %s', async (first, second) => {
    const rows = rowsAt(first, second);
    const wanted = prepareWindow({ port, form }, rows, (row, cells) =>
      prepareNamed(row, new Map(Object.entries(cells))),
    );
    expect(wanted.length).toBe(24);
    expect(await prepare(rows)).toEqual(wanted);
    expect(prepareExample([{ port, form }], rows)['past']).toEqual(wanted);
    // a row may be a list of its cells, the date among them once
    expect(await prepare(rows.map(({ v, at, kind }) => [v, at, kind]))).toEqual(wanted);
    expect(
      prepareCells(
        { port, form },
        rows.flatMap(({ v, at, kind }) => [v, at, kind] as const),
      ),
    ).toEqual(wanted);
  });

  it.each(['2023-02-29', '31.3.2024', '2024-03-31T24:00', '2024-03-31T14:05+24:00', ''])(
    'has no date %j',
    async (text) => {
      expect(parseDate(text)).toBeUndefined();
      await expect(prepare(rowsAt('2024-01-01', text))).rejects.toThrow('row 2: at: it is ');
    },
  );

  it('has as many rows as the window', async () => {
    await expect(prepare(rowsAt('2024-01-01'))).rejects.toThrow(
      'past: it has 1 rows, and the window takes 2',
    );
    await expect(prepare('rows')).rejects.toThrow('the window takes 2');
    await expect(prepare({ v: 1, at: '2024-01-01', kind: 'a' })).rejects.toThrow(
      'the input takes 2 rows with',
    );
  });
});
