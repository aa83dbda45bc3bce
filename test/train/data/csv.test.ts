import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Port } from '../../../src/runtime/specification.ts';
import { CsvError, csvRows, type CsvForm } from '../../../src/train/data/formats/csv-rows.ts';
import { openCsv } from '../../../src/train/data/formats/csv.ts';
import { readTablePart } from '../../../src/train/data/tables/part.ts';
import { planTable } from '../../../src/train/data/tables/plan.ts';
import type { TableOptions } from '../../../src/train/data/tables/table.ts';
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

  async function read(
    text: string,
    ports: { inputs: Port[]; targets: Port[] },
    columns: Partial<TableOptions> = {},
    given: Partial<CsvForm> = {},
  ) {
    try {
      const reader = openCsv({ text, path: 'table.csv' }, { ...form, ...given });
      const options = { target: [], categorical: [], missing: { kind: 'error' as const }, ...columns };
      const plan = await planTable('csv', reader, options, ports);
      const { part, fields } = await readTablePart(reader, plan, ports);
      return {
        values: new Map([...part.fields].map(([name, { values }]) => [name, [...values]])),
        fields,
        count: part.count,
      };
    } catch (error) {
      const { code, args } = diagnosticOf(error);
      return `${code}: ${Object.values(args).join(' | ')}`;
    }
  }
  const ports = { inputs: [real('x', [2])], targets: [classOf('kind', 3)] };
  const values = async (...given: Parameters<typeof read>) => {
    const found = await read(...given);
    return typeof found === 'string' ? found : Object.fromEntries(found.values);
  };

  it('gives features, and classes numbered alphabetically', async () => {
    const found = await read(iris, ports, { target: ['species'] });
    if (typeof found === 'string') return expect.fail(found);
    expect(found.count).toBe(4);
    expect(found.values.get('x')).toEqual([5.1, 3.5, 7, 3.2, 6.3, -3.3, 5, 0.5]);
    expect(found.values.get('kind')).toEqual([0, 1, 2, 0]);
    expect(found.fields[1]).toMatchObject({ classes: 3, labels: ['setosa', 'versicolor', 'virginica'] });
  });

  it('numbers classes by name, not by where they come first', async () => {
    expect(
      await values(
        'x,k\n1,zebra\n2,ant\n',
        { inputs: [real('x', [1])], targets: [classOf('k', 2)] },
        { target: ['k'] },
      ),
    ).toEqual({
      x: [1, 2],
      k: [1, 0],
    });
  });

  it('takes class labels that are numbers as they are', async () => {
    const found = await values('a,b,k\n1,2,2\n3,4,0\n', ports, { target: ['k'] });
    expect(found).toEqual({ x: [1, 2, 3, 4], kind: [2, 0] });
  });

  it('takes columns by number and in any order, with or without a header', async () => {
    expect(await values('9,1,2\n8,3,4\n', ports, { target: [1] }, { header: false })).toEqual({
      x: [1, 2, 3, 4],
      kind: [9, 8],
    });
    expect(await values('a,b,k\n1,2,0\n', ports, { target: ['k'], features: ['b', 'a'] })).toEqual({
      x: [2, 1],
      kind: [0],
    });
    expect(await values('a;b;k\n1;2;0\n', ports, { target: [3] }, { separator: ';' })).toEqual({
      x: [1, 2],
      kind: [0],
    });
  });

  it('deals its columns to several inputs and targets in order', async () => {
    const many = { inputs: [real('u', [2]), real('v', [])], targets: [real('p', []), real('q', [])] };
    expect(await values('a,b,c,d,e\n1,2,3,4,5\n', many, { target: ['e', 'a'] })).toEqual({
      u: [2, 3],
      v: [4],
      p: [5],
      q: [1],
    });
  });

  it('tells all faults at once, each kind with its first lines', async () => {
    const rows = [
      'a,b,k',
      '1,NA,0',
      '1,2',
      'x,2,0',
      ...Array.from({ length: 7 }, () => '1,NA,0'),
      '1,,0',
      '1,"2',
    ];
    expect(await read(rows.join('\n'), ports, { target: ['k'] })).toBe(
      [
        'data.rows: table.csv | 12 | ',
        '  lines 2, 5, 6, 7, 8 and 3 more: the column `b` is "NA", which is no number; `missing_marks = ["NA"]` takes it for an empty cell, and `missing = mean` fills those',
        '  line 3: it has 2 cells, and the first row 3',
        '  line 4: the column `a` is "x", which is no number; `categorical = ["a"]` would take texts',
        '  line 12: the column `b` is empty; `missing = mean` fills such cells, and `missing = drop` leaves such rows out',
        '  line 13: a quote is not closed',
      ].join('\n'),
    );
    const like = await read('a,b,k\n"1,5",2,0\n"2,5",2,0\n"3,5",2,0\n', ports, { target: ['k'] });
    expect(like).toBe(
      'data.rows: table.csv | 3 | \n  line 2 (and others like it: 3 and 4): the column `a` is "1,5", which has a decimal comma; `decimal = ","` reads it',
    );
    const many = Array.from({ length: 30 }, (_, i) => ',1'.repeat(i + 3).slice(1));
    const told = await read(['a,b,k', ...many, '1,2'].join('\n'), ports, { target: ['k'] });
    expect(String(told).split('\n')).toHaveLength(22);
    expect(told).toContain('table.csv | 30 | ');
    expect(told).toContain('\n  and 10 more');
  });

  it('may have decimal commas', async () => {
    const european = { separator: ';', decimal: ',' } as const;
    expect(await values('a;b;k\n1,5;-,5;0\n2;1,288e1;1\n', ports, { target: ['k'] }, european)).toEqual({
      x: [1.5, -0.5, 2, 12.88],
      kind: [0, 1],
    });
    expect(await read('a;b;k\n1.5;2;0\n', ports, { target: ['k'] }, european)).toContain(
      'has a decimal point',
    );
  });

  it('takes what is empty or no number for a mistake, and says the line', async () => {
    const at = (text: string) => read(text, ports, { target: ['k'] });
    expect(await at('a,b,k\n1,2,0\n1,,0\n')).toBe(
      'data.row: table.csv | 3 | the column `b` is empty; `missing = mean` fills such cells, and `missing = drop` leaves such rows out',
    );
    expect(await at('a,b,k\n1,2,0\n\n1,two,0\n')).toBe(
      'data.row: table.csv | 4 | the column `b` is "two", which is no number; `categorical = ["b"]` would take texts',
    );
    for (const cell of ['0x10', 'NaN', '1 2', '1.5.', '--1', 'e5', '1e'])
      expect(await at(`a,b,k\n1,${cell},0\n`)).toContain('which is no number');
    expect(await at('a,b,k\n1,1e99,0\n')).toContain('which is no number float32 can hold');
    expect(await at('a,b,k\n1,Infinity,0\n')).toContain('which is not finite');
    expect(await at('a,b,k\n1,2,0\n1,2\n')).toBe(
      'data.row: table.csv | 3 | it has 2 cells, and the first row 3',
    );
    expect(await at('a,b,k\n1,2,0\n1,2,3,4\n')).toBe(
      'data.row: table.csv | 3 | it has 4 cells, and the first row 3',
    );
    expect(await at('a,b,k\n1,"2,0\n')).toBe('data.row: table.csv | 2 | a quote is not closed');
    expect(await at('a,b,k\n1,2,red\n1,2,\n')).toBe(
      'data.row: table.csv | 3 | the column `k` is empty; `missing = drop` leaves such rows out',
    );
  });

  it('says which columns there are, or that there are too many or too few', async () => {
    expect(await read(iris, ports, { target: ['specie'] })).toBe(
      'data.malformed: table.csv | CSV | it has no column specie; did you mean `species`?',
    );
    expect(await read(iris, ports, { target: [4] })).toContain(
      'it has no column 4; it has length, width, species',
    );
    expect(await read(iris, { ...ports, inputs: [real('x', [3])] }, { target: ['species'] })).toBe(
      "data.malformed: table.csv | CSV | the model's input `x` [3] takes 3 columns, but there are 2 (length, width); `input x: [2]` takes them",
    );
    expect(await read(iris, ports)).toContain("the model's input `x` [2] takes 2 columns, but there are 3");
    expect(await read('a,a,k\n1,2,0\n', ports, { target: ['k'] })).toBe(
      'data.row: table.csv | 1 | two columns are called `a`',
    );
    expect(await read('', ports)).toBe('data.malformed: table.csv | CSV | it holds no row');
    expect(await read('a,b,k\n', ports, { target: ['k'] })).toBe(
      'data.malformed: table.csv | CSV | it holds no row of data',
    );
  });

  it('of a second file uses the first one’s columns and classes', async () => {
    const first = openCsv({ text: iris, path: 'table.csv' }, form);
    const options = { target: ['species'], categorical: [], missing: { kind: 'error' as const } };
    const plan = await planTable('csv', first, options, ports);
    const { vocabularies } = await readTablePart(first, plan, ports);
    const second = async (text: string) => {
      try {
        const reader = openCsv({ text, path: 'test.csv' }, form, first.names);
        const { part } = await readTablePart(reader, plan, ports, vocabularies);
        return [...(part.fields.get('kind')?.values ?? [])];
      } catch (error) {
        return Object.values(diagnosticOf(error).args).join(' | ');
      }
    };
    expect(await second('length,width,species\n1,2,virginica\n')).toEqual([2]);
    expect(await second('length,width,species\n1,2,rose\n')).toBe(
      'test.csv | 2 | the column `species` is "rose", which the training file does not have',
    );
    expect(await second('width,length,species\n1,2,virginica\n')).toBe(
      'test.csv | 1 | the column is `width`, not `length`',
    );
  });

  describe('of categories', () => {
    const colors = 'size,color,k\n1,red,0\n2,blue,1\n3,green,0\n4,blue,1\n';
    const four = { inputs: [real('x', [4])], targets: [classOf('k', 2)] };
    const categorical = [{ column: 'color' }];

    it('gives a vector with a one, the texts in alphabetical order', async () => {
      const found = await read(colors, four, { target: ['k'], categorical });
      if (typeof found === 'string') return expect.fail(found);
      expect(found.values.get('x')).toEqual([1, 0, 0, 1, 2, 1, 0, 0, 3, 0, 1, 0, 4, 1, 0, 0]);
      expect(found.fields[0]?.columns).toEqual([
        { kind: 'number', name: 'size' },
        { kind: 'category', name: 'color', vocabulary: ['blue', 'green', 'red'], encoding: 'one-hot' },
      ]);
    });

    it('gives numbers where the input holds whole numbers', async () => {
      const inputs: Port[] = [real('x', []), { name: 'c', shape: [], kind: 'int', limit: 3 }];
      expect(await values(colors, { ...four, inputs }, { target: ['k'], categorical })).toEqual({
        x: [1, 2, 3, 4],
        c: [2, 0, 1, 0],
        k: [0, 1, 0, 1],
      });
    });

    it('takes the vocabulary that is stated, in its order, and no other text', async () => {
      const stated = (...vocabulary: string[]) => [{ column: 'color', vocabulary }];
      const all = await values(colors, four, {
        target: ['k'],
        categorical: stated('red', 'green', 'blue'),
      });
      expect(all).toMatchObject({ x: [1, 1, 0, 0, 2, 0, 0, 1, 3, 0, 1, 0, 4, 0, 0, 1] });
      expect(await read(colors, four, { target: ['k'], categorical: stated('red', 'blue', 'white') })).toBe(
        'data.row: table.csv | 4 | the column `color` is "green", which its vocabulary does not have',
      );
    });

    it('says how many elements they take', async () => {
      expect(await read(colors, ports, { target: ['k'], categorical })).toBe(
        "data.malformed: table.csv | CSV | the model's input `x` [2] takes 2 columns, but there are 4 (size, color as 3); `input x: [4]` takes them",
      );
      expect(await read(colors, four, { target: ['k'], features: ['size'], categorical })).toContain(
        'columns that are read as features or targets',
      );
    });

    it('may be targets: a class by number, or a vector with a one', async () => {
      const one = { inputs: [real('x', [])], features: ['size'] };
      const vector = { inputs: one.inputs, targets: [real('y', [3])] };
      const found = await read(colors, vector, { target: ['color'], features: one.features, categorical });
      if (typeof found === 'string') return expect.fail(found);
      expect(found.fields[1]).toMatchObject({ kind: 'class', shape: [], classes: 3 });
      expect(found.values.get('y')).toEqual([2, 0, 1, 0]);
    });
  });

  describe('with missing cells', () => {
    const gaps = 'a,c,k\n1,x,0\n,y,1\n3,,0\n8,NA,1\n';
    const three = { inputs: [real('x', [3])], targets: [classOf('k', 2)] };
    const options = { target: ['k'], categorical: [{ column: 'c' }] };
    const marks = { missingMarks: ['NA'] };

    it('says the lines', async () => {
      expect(await read(gaps, three, options, marks)).toBe(
        'data.rows: table.csv | 3 | \n' +
          '  line 3: the column `a` is empty; `missing = mean` fills such cells, and `missing = drop` leaves such rows out\n' +
          '  lines 4 and 5: the column `c` is empty; `missing = mean` fills such cells, and `missing = drop` leaves such rows out',
      );
    });

    it('leaves out the rows', async () => {
      expect(
        await values(gaps.replace('3,,0', '3,y,0'), three, { ...options, missing: { kind: 'drop' } }, marks),
      ).toEqual({ x: [1, 1, 0, 3, 0, 1], k: [0, 0] });
      expect(await read('a,c,k\n,x,0\n', three, { ...options, missing: { kind: 'drop' } })).toContain(
        'every row of it lacks a cell',
      );
    });

    it('takes a number for numbers, or a text for categories', async () => {
      const text = gaps.replace('\n,y', '\n7,y');
      const value = (given: number | string) => ({
        ...options,
        missing: { kind: 'value' as const, value: given },
      });
      const four = { ...three, inputs: [real('x', [4])] };
      expect(await values(text, four, value('none'), marks)).toMatchObject({
        x: [1, 0, 1, 0, 7, 0, 0, 1, 3, 1, 0, 0, 8, 1, 0, 0],
      });
      expect(await read(gaps, four, value('none'), marks)).toBe(
        'data.row: table.csv | 3 | the column `a` is empty; `missing = mean` fills such cells, and `missing = drop` leaves such rows out',
      );
      const numbers = { inputs: [real('x', [])], targets: [classOf('k', 2)] };
      const found = await read(gaps, numbers, { ...value(-1), features: ['a'], categorical: [] });
      if (typeof found === 'string') return expect.fail(found);
      expect(found.values.get('x')).toEqual([1, -1, 3, 8]);
      expect(found.fields[0]?.columns).toEqual([{ kind: 'number', name: 'a', missing: -1 }]);
    });

    it('never fills in a target', async () => {
      for (const missing of [{ kind: 'mean' as const }, { kind: 'value' as const, value: 0 }])
        expect(
          await read(
            'a,k\n1,0\n2,\n',
            { inputs: [real('x', [])], targets: [classOf('k', 2)] },
            { target: ['k'], missing },
          ),
        ).toBe('data.row: table.csv | 3 | the column `k` is empty; `missing = drop` leaves such rows out');
    });
  });
});
