import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Port } from '../../../src/runtime/specification.ts';
import { CsvError, csvRows } from '../../../src/train/data/csv-rows.ts';
import { planCsv, readCsvPart, type CsvForm } from '../../../src/train/data/csv.ts';
import { classOf, diagnosticOf, real } from './files.ts';

describe('rows', () => {
  const rows = (text: string, separator = ',') =>
    [...csvRows(text, separator)].map(({ line, cells }) => [line, ...cells]);

  it('are split at separators and line breaks of every kind', () => {
    expect(rows('a,b\n1,2\r\n3,4\r5,6')).toEqual([[1, 'a', 'b'], [2, '1', '2'], [3, '3', '4'], [4, '5', '6']]); // prettier-ignore
    expect(rows('a;b,c\n', ';')).toEqual([[1, 'a', 'b,c']]);
    expect(rows('a\tb', '\t')).toEqual([[1, 'a', 'b']]);
  });

  it('may have empty cells, and empty lines between them', () => {
    expect(rows(',\n\n\na,\n,b')).toEqual([[1, '', ''], [4, 'a', ''], [5, '', 'b']]); // prettier-ignore
    expect(rows('')).toEqual([]);
    expect(rows('\uFEFFa,b')).toEqual([[1, 'a', 'b']]);
  });

  it('may have quoted cells with separators, quotes and line breaks', () => {
    expect(rows('"a,b","c ""d""",""\n"line\nbreak",x\ny,z')).toEqual([
      [1, 'a,b', 'c "d"', ''],
      [2, 'line\nbreak', 'x'],
      [4, 'y', 'z'],
    ]);
  });

  it('give back what was written, whatever the cells', () => {
    const cell = fc.oneof(fc.string(), fc.stringMatching(/^[",\n\r ;a]*$/));
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 }), (table) => {
        const text = table
          .map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(','))
          .join('\r\n');
        expect([...csvRows(text, ',')].map(({ cells }) => cells)).toEqual(table);
      }),
      { seed: 3 },
    );
  });

  it.each([
    ['a,"b\nc\nd', 1, 'a quote is not closed'],
    ['a\n"b"c', 2, 'something follows a closing quote'],
    ['a\nb"c"', 2, 'a quote stands inside a cell that does not begin with one'],
  ])('that break the rules say where: %j', (text, line, reason) => {
    expect(() => rows(text)).toThrow(CsvError);
    expect(() => rows(text)).toThrow(`line ${line}: ${reason}`);
  });

  it('take time in proportion to their length', () => {
    const count = [...csvRows(`${'"a ""b""",'.repeat(200_000)}x\n`.repeat(2), ',')].length;
    expect(count).toBe(2);
  });
});

describe('a table', () => {
  const iris = 'length,width,species\n5.1,3.5,setosa\n7,3.2,versicolor\n6.3,-3.3e0,virginica\n5,.5,setosa\n';
  const form: CsvForm = { separator: ',', header: true };
  type Columns = Parameters<typeof planCsv>[2];

  function read(
    text: string,
    ports: { inputs: Port[]; targets: Port[] },
    columns: Partial<Columns> = {},
    given: Partial<CsvForm> = {},
  ) {
    const file = { text, path: 'table.csv' };
    try {
      const plan = planCsv(
        file,
        { ...form, ...given },
        { target: [], features: undefined, ...columns },
        ports,
      );
      const { part, categories } = readCsvPart(file, plan);
      return {
        plan,
        values: new Map([...part.fields].map(([name, { values }]) => [name, [...values]])),
        categories,
        count: part.count,
      };
    } catch (error) {
      const { code, args } = diagnosticOf(error);
      return `${code}: ${Object.values(args).join(' | ')}`;
    }
  }
  const ports = { inputs: [real('x', [2])], targets: [classOf('kind', 3)] };
  const values = (...given: Parameters<typeof read>) => {
    const found = read(...given);
    return typeof found === 'string' ? found : Object.fromEntries(found.values);
  };

  it('gives features, and classes numbered alphabetically', () => {
    const found = read(iris, ports, { target: ['species'] });
    if (typeof found === 'string') return expect.fail(found);
    expect(found.count).toBe(4);
    expect(found.values.get('x')).toEqual([5.1, 3.5, 7, 3.2, 6.3, -3.3, 5, 0.5].map(Math.fround));
    expect(found.values.get('kind')).toEqual([0, 1, 2, 0]);
    expect([...(found.categories.get('kind') ?? [])]).toEqual([['setosa', 0], ['versicolor', 1], ['virginica', 2]]); // prettier-ignore
  });

  it('numbers classes by name, not by where they come first', () => {
    expect(
      values(
        'x,k\n1,zebra\n2,ant\n',
        { inputs: [real('x', [1])], targets: [classOf('k', 2)] },
        { target: ['k'] },
      ),
    ).toEqual({
      x: [1, 2],
      k: [1, 0],
    });
  });

  it('takes class labels that are numbers as they are', () => {
    const found = values('a,b,k\n1,2,2\n3,4,0\n', ports, { target: ['k'] });
    expect(found).toEqual({ x: [1, 2, 3, 4], kind: [2, 0] });
  });

  it('takes columns by number and in any order, with or without a header', () => {
    expect(values('9,1,2\n8,3,4\n', ports, { target: [1] }, { header: false })).toEqual({
      x: [1, 2, 3, 4],
      kind: [9, 8],
    });
    expect(values('a,b,k\n1,2,0\n', ports, { target: ['k'], features: ['b', 'a'] })).toEqual({
      x: [2, 1],
      kind: [0],
    });
    expect(values('a;b;k\n1;2;0\n', ports, { target: [3] }, { separator: ';' })).toEqual({
      x: [1, 2],
      kind: [0],
    });
  });

  it('deals its columns to several inputs and targets in order', () => {
    const many = { inputs: [real('u', [2]), real('v', [])], targets: [real('p', []), real('q', [])] };
    expect(values('a,b,c,d,e\n1,2,3,4,5\n', many, { target: ['e', 'a'] })).toEqual({
      u: [2, 3],
      v: [4],
      p: [5],
      q: [1],
    });
  });

  it('takes what is empty or no number for a mistake, and says the line', () => {
    const at = (text: string) => read(text, ports, { target: ['k'] });
    expect(at('a,b,k\n1,2,0\n1,,0\n')).toBe('data.row: table.csv | 3 | the column `b` is empty');
    expect(at('a,b,k\n1,2,0\n\n1,two,0\n')).toBe(
      'data.row: table.csv | 4 | the column `b` is "two", which is no number float32 can hold',
    );
    for (const cell of [
      '0x10',
      'NaN',
      'Infinity',
      '1e99',
      '1 2',
      '1,5'.replace(',', '.').concat('.'),
      '--1',
      'e5',
      '1e',
    ]) {
      expect(at(`a,b,k\n1,${cell},0\n`)).toContain('which is no number float32 can hold');
    }
    expect(at('a,b,k\n1,2,0\n1,2\n')).toBe('data.row: table.csv | 3 | it has 2 cells, and the first row 3');
    expect(at('a,b,k\n1,2,0\n1,2,3,4\n')).toBe(
      'data.row: table.csv | 3 | it has 4 cells, and the first row 3',
    );
    expect(at('a,b,k\n1,"2,0\n')).toBe('data.row: table.csv | 2 | a quote is not closed');
    expect(at('a,b,k\n1,2,red\n1,2,\n')).toBe('data.row: table.csv | 3 | the column `k` is empty');
  });

  it('says which columns there are, or that there are too many or too few', () => {
    expect(read(iris, ports, { target: ['specie'] })).toBe(
      'data.malformed: table.csv | CSV | it has no column specie; did you mean species?',
    );
    expect(read(iris, ports, { target: [4] })).toContain('it has no column 4; it has length, width, species');
    expect(read(iris, { ...ports, inputs: [real('x', [3])] }, { target: ['species'] })).toBe(
      "data.malformed: table.csv | CSV | the model's input `x` [3] takes 3 columns, but there are 2 (length, width)",
    );
    expect(read(iris, ports)).toContain("the model's input `x` [2] takes 2 columns, but there are 3");
    expect(read('a,a,k\n1,2,0\n', ports, { target: ['k'] })).toBe(
      'data.row: table.csv | 1 | two columns are called `a`',
    );
    expect(read('', ports)).toBe('data.malformed: table.csv | CSV | it holds no row');
    expect(read('a,b,k\n', ports, { target: ['k'] })).toBe(
      'data.malformed: table.csv | CSV | it holds no row of data',
    );
  });

  it('of a second file uses the first one’s columns and classes', () => {
    const file = { text: iris, path: 'table.csv' };
    const plan = planCsv(file, form, { target: ['species'], features: undefined }, ports);
    const { categories } = readCsvPart(file, plan);
    const second = (text: string) => {
      try {
        return [
          ...(readCsvPart({ text, path: 'test.csv' }, plan, categories).part.fields.get('kind')?.values ??
            []),
        ];
      } catch (error) {
        return Object.values(diagnosticOf(error).args).join(' | ');
      }
    };
    expect(second('length,width,species\n1,2,virginica\n')).toEqual([2]);
    expect(second('length,width,species\n1,2,rose\n')).toBe(
      'test.csv | 2 | the column `species` is "rose", which the training file does not have',
    );
    expect(second('width,length,species\n1,2,virginica\n')).toBe(
      'test.csv | 1 | the column is `width`, not `length`',
    );
  });
});
