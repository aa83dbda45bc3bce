// Rows to predict for are read as the training data was: its separator, its header, its marks of missing cells.
import { describe, expect, it } from 'vitest';
import { examplesOfCsv } from '../../src/cli/commands/predict/csv.ts';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.ts';
import type { Port } from '../../src/runtime/specification.ts';
import type { CsvForm } from '../../src/train/data/formats/csv-rows.ts';
import type { ColumnForm } from '../../src/runtime/preparation/form.ts';
import { inputForms } from '../../src/runtime/preparation/prepare.ts';
import type { Preprocessing } from '../../src/train/data/prepare/preprocessing.ts';

const x: Port = { name: 'x', shape: [2], kind: 'real' };
const tableOf = (...columns: ColumnForm[]): Preprocessing => ({
  format: 1,
  source: 'csv',
  inputs: [{ kind: 'table', name: 'x', columns }],
  targets: [],
});
const number = (name: string, missing?: number): ColumnForm => ({
  kind: 'number',
  name,
  ...(missing !== undefined && { missing }),
});
const ab = tableOf(number('a'), number('b', 7));

function read(text: string, preprocessing?: Preprocessing, form?: CsvForm): unknown {
  try {
    const examples = examplesOfCsv(text, 'new.csv', inputForms([x], preprocessing), {
      ...(form && { csv: form }),
    });
    return examples.map(({ where, values }) => [where, ...(values.get('x') ?? [])]);
  } catch (error) {
    if (error instanceof DiagnosticError)
      return error.diagnostics.map(({ args }) => Object.values(args).join(' | '));
    throw error;
  }
}

describe('rows of CSV to predict for', () => {
  it('have the separator and the marks of the training file', () => {
    const form = { separator: ';', header: true, missingMarks: ['NA'] };
    expect(read('b;a\n1;2\n NA ;4\n', ab, form)).toEqual([
      ['new.csv, line 2', 2, 1],
      ['new.csv, line 3', 4, 7],
    ]);
  });

  it('have no header where the training file has none', () => {
    const form = { separator: ',', header: false };
    const columns = tableOf(number('1'), number('2'));
    const both = [
      ['new.csv, line 1', 2, 1],
      ['new.csv, line 2', 3, 4],
    ];
    expect(read('2,1\n3,4\n', columns, form)).toEqual(both);
    // with the target's column, columns are meant by their numbers
    expect(read('2,9,1\n3,9,4\n', tableOf(number('1'), number('3')), form)).toEqual(both);
  });

  it('have the decimal comma of the training file, in numbers alone', () => {
    const form: CsvForm = { separator: ';', header: true, decimal: ',' };
    expect(read('a;b\n1,5;2\n', ab, form)).toEqual([['new.csv, line 2', 1.5, 2]]);
    expect(read('1,5;\n', ab, form)).toEqual([['new.csv, line 1', 1.5, 7]]);
    const size: ColumnForm = { kind: 'category', name: 'b', vocabulary: ['0,5', '1,5'], encoding: 'index' };
    expect(read('a;b\n1,5;1,5\n', tableOf(number('a'), size), form)).toEqual([['new.csv, line 2', 1.5, 1]]);
    expect(read('a;b\n1.5;2\n', ab, form)).toEqual([
      'new.csv | 2 | the column `a` is "1.5", which has a decimal point, where `decimal = ","` says that numbers have a decimal comma',
    ]);
  });

  it('may come without a header, where the first row can be an example', () => {
    const form = { separator: ',', header: true };
    expect(read('5,1\n', ab, form)).toEqual([['new.csv, line 1', 5, 1]]);
    expect(read('5,\n', ab, form)).toEqual([['new.csv, line 1', 5, 7]]);
    const town: ColumnForm = { kind: 'category', name: 'b', vocabulary: ['Bonn', 'Rome'], encoding: 'index' };
    expect(read('5,Rome\n', tableOf(number('a'), town), form)).toEqual([['new.csv, line 1', 5, 1]]);
  });

  it('are refused where the header lacks a name, with the one that is meant', () => {
    const form = { separator: ',', header: true };
    expect(read('B,A\n5,1\n', ab, form)).toEqual(['new.csv | CSV | it has no column `a`; is it `A`?']);
    expect(read('foo,bar\n5,1\n', ab, form)).toEqual([
      'new.csv | CSV | it has no column `a`; its first row is foo, bar',
    ]);
    expect(read('a;b\n5;1\n', ab, form)).toEqual([
      "new.csv | CSV | its first row has one cell; the training data's are separated by `,`",
    ]);
  });

  it('are refused where the header has a name twice, or one that the training data does not have', () => {
    const form = { separator: ',', header: true };
    const known: Preprocessing = {
      ...ab,
      inputs: ab.inputs.map((input) => ({ ...input, kind: 'table', others: ['price'] }) as typeof input),
    };
    expect(read('a,b,price\n5,1,9\n', known, form)).toEqual([['new.csv, line 2', 5, 1]]);
    expect(read('a,b,prise\n5,1,9\n', known, form)).toEqual([
      'new.csv | CSV | the column `prise`: the training data has no such column; did you mean `price`?',
    ]);
    expect(read('a,b,a\n5,1,9\n', known, form)).toEqual(['new.csv | CSV | two columns are called `a`']);
    // what nnc 0.1 stored says nothing of other columns
    expect(read('a,b,prise\n5,1,9\n', ab, form)).toEqual([['new.csv, line 2', 5, 1]]);
  });

  it('are plain CSV, with or without a header, where nothing is known of the training data', () => {
    expect(read('u,v\n5,1\n')).toEqual([['new.csv, line 2', 5, 1]]);
    expect(read('5,1\n2,3\n')).toEqual([
      ['new.csv, line 1', 5, 1],
      ['new.csv, line 2', 2, 3],
    ]);
    expect(read('5,1\n2\n')).toEqual(['new.csv | 2 | it has 1 cells, and the first row 2']);
  });
});
