// What `nnc predict` makes of a series: the newest window of each group.
import { describe, expect, it } from 'vitest';
import { examplesOfCsv } from '../../src/cli/commands/predict/csv.ts';
import type { Example } from '../../src/cli/commands/predict/forms.ts';
import { examplesOfJson } from '../../src/cli/commands/predict/json.ts';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.ts';
import type { RowForm } from '../../src/runtime/preparation/form.ts';
import { inputForms } from '../../src/runtime/preparation/prepare.ts';
import type { Port } from '../../src/runtime/specification.ts';
import type { Preprocessing } from '../../src/train/data/prepare/preprocessing.ts';
import { parsePreprocessing, showPreprocessing } from '../../src/train/data/prepare/preprocessing.ts';

const past: Port = { name: 'past', shape: [2, 2], kind: 'real' };
const table: RowForm = {
  kind: 'table',
  name: 'past',
  columns: [
    { kind: 'number', name: 'v' },
    { kind: 'number', name: 'w', missing: 9 },
  ],
  normalization: { mean: [10, 0], deviation: [2, 1] },
};
const form = { window: 2, horizon: 1, stride: 1, split: 'time' as const };

function preparing(row: RowForm, columns: { readonly time?: string; readonly group?: string } = {}) {
  const preprocessing: Preprocessing = {
    format: 1,
    source: 'csv',
    inputs: [{ kind: 'series', name: 'past', window: 2, row }],
    targets: [],
    csv: { separator: ',', header: true },
    series: { ...form, ...columns },
  };
  // as it is in a checkpoint
  const read = parsePreprocessing(JSON.parse(JSON.stringify(showPreprocessing(preprocessing))));
  expect(read).toEqual(preprocessing);
  return preprocessing;
}

const shown = (examples: readonly Example[]) =>
  examples.map(({ where, values }) => [where, ...(values.get('past') ?? [])]);

function tell(work: () => readonly Example[]): unknown {
  try {
    return shown(work());
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics.map(({ args }) => Object.values(args).join(' | '));
  }
}

const csv = (text: string, preprocessing: Preprocessing) =>
  tell(() => examplesOfCsv(text, 'new.csv', inputForms([past], preprocessing), preprocessing));
const json = (value: unknown, preprocessing: Preprocessing) =>
  tell(() =>
    examplesOfJson(JSON.stringify(value), 'new.json', inputForms([past], preprocessing), preprocessing),
  );

describe('rows of a series', () => {
  it('give their last window', () => {
    expect(csv('v,w\n8,1\n12,2\n14,\n', preparing(table))).toEqual([['new.csv', 1, 2, 2, 9]]);
  });

  it('give one for each group, in the order of time', () => {
    const text =
      'at,g,v,w\n2024-01-03,a,16,3\n2024-01-01,b,10,0\n2024-01-02,a,14,2\n2024-01-01,a,12,1\n2024-01-02,b,8,0\n';
    expect(csv(text, preparing(table, { time: 'at', group: 'g' }))).toEqual([
      ['new.csv, a until 2024-01-03', 2, 2, 3, 3],
      ['new.csv, b until 2024-01-02', 0, 0, -1, 0],
    ]);
  });

  it('may be a list of objects, or of lists', () => {
    const rows = [
      { v: 8, w: 1 },
      { v: 12, w: 2 },
      { v: 14, w: null },
    ];
    expect(json(rows, preparing(table))).toEqual([['new.json', 1, 2, 2, 9]]);
    expect(json([[12, 2], [14, 3]], preparing(table))).toEqual([['new.json', 1, 2, 2, 3]]); // prettier-ignore
    expect(json({ past: [[12, 2], [14, 3]] }, preparing(table))).toEqual([['new.json', 1, 2, 2, 3]]); // prettier-ignore
  });

  it('may be numbers without names, where training was on arrays', () => {
    const array: RowForm = { kind: 'array', name: 'past', shape: [2] };
    expect(csv('1,2\n3,4\n5,6\n', preparing(array))).toEqual([['new.csv', 3, 4, 5, 6]]);
  });

  it('hold dates, whose features they become', () => {
    const dated: RowForm = {
      kind: 'table',
      name: 'past',
      columns: [{ kind: 'date', name: 'at', feature: 'hour' }],
    };
    expect(csv('at\n2024-01-01T00:00\n2024-01-01T06:00\n', preparing(dated, { time: 'at' }))).toEqual([
      ['new.csv until 2024-01-01T06:00', 0, 1, 1, Math.fround(Math.cos(Math.PI / 2))],
    ]);
  });

  it.each([
    ['v,w\n8,1\n', {}, 'new.csv | past | it has 1 rows, and the window takes 2'],
    ['v,w\n8,1\nx,1\n', {}, 'new.csv, line 3 | v | it is "x", which is no number float32 can hold'],
    ['v,u\n8,1\n9,1\n', {}, 'new.csv | CSV | it has no column `w`; its first row is v, u'],
    ['v,w\n8,1\n9,1\n', { time: 'at' }, 'new.csv, line 2 | at | it is missing, and says which row follows which'],
    ['at,v,w\n1,8,1\nsoon,9,1\n', { time: 'at' }, 'new.csv, line 3 | at | it is "soon", which is no date like 2024-03-31 or 2024-03-31T14:05'],
    ['at,v,w\n1,8,1\n1,9,1\n', { time: 'at' }, 'new.csv, line 3 | at | another row of the series has the same time'],
  ])('%j are refused', (text, columns, expected) => {
    expect(csv(text, preparing(table, columns))).toEqual([expected]);
  }); // prettier-ignore
});
