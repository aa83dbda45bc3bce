import { describe, expect, it } from 'vitest';
import { explainText } from '../../../src/train/data/formats/csv-cells.ts';
import { dialectOptions, guessDialect, otherDialect } from '../../../src/train/data/formats/csv-dialect.ts';

describe('the dialect of a file', () => {
  it.each([
    ['a,b\n1.5,2\n', ''],
    ['a;b;y\n1,5;2,5;1\n2,0;3;4\n', 'separator = ";", decimal = ","'],
    ['1,5;2,5\n3,5;4,5\n', 'header = false, separator = ";", decimal = ","'],
    ['a;b\n1.5;x,y\n2;z\n', 'separator = ";"'],
    ['a\tb\n1\t2\n', 'separator = "\\t"'],
    ['a|b\n1|2\n', 'separator = "|"'],
    ['name;price\n"Hut, old";1,5\n"Hut; new";2,5\n', 'separator = ";", decimal = ","'],
    ['a,b\n"1,5","2,5"\n', 'decimal = ","'],
    ['price,n\n"1,234",1\n"12,345",2\n', ''],
    ['price;n\n1,234;1\n12,345;2\n', 'separator = ";", decimal = ","'],
    ['5.1,3.5,setosa\n4.9,3.0,other\n', 'header = false'],
    ['a,b\nNA,1\n2,?\n3,4\n', 'missing_marks = ["?", "NA"]'],
    ['a,b\nnone,1\nsome,2\n', ''],
    ['a,b\n1,2\n', ''],
    ['year,2019,2020\nx,1,2\ny,3,4\n', 'header = false'],
    ['only\n1\n2\n', ''],
  ])('%j is read with %j', (text, options) => {
    expect(dialectOptions(guessDialect(text)).join(', ')).toBe(options);
  });

  it('keeps what the user says', () => {
    expect(guessDialect('a;b\n1;2\n', { separator: '|' }).separator).toBe('|');
    expect(guessDialect('a,b\n1,2\n', { header: false }).header).toBe(false);
  });

  it('is another one where the separator divides nothing', () => {
    expect(otherDialect('a;b\n1;2\n', ',')).toMatchObject({ separator: ';' });
    expect(otherDialect('"a";"b"\n1;2\n', ',')).toMatchObject({ separator: ';' });
    expect(otherDialect('a,b\n1,2\n', ';')).toMatchObject({ separator: ',' });
    expect(otherDialect('a;b,c\n1;2,3\n', ',')).toBeUndefined();
    expect(otherDialect('only\n1\n', ',')).toBeUndefined();
  });
});

describe('a text among numbers', () => {
  const form = { separator: ',', header: true };
  it.each([
    ['NA', 'missing_marks = ["NA"]'],
    ['N/A', 'missing_marks = ["N/A"]'],
    ['null', 'missing_marks = ["null"]'],
    ['nan', 'missing_marks = ["nan"]'],
    ['?', 'missing_marks = ["?"]'],
    ['-', 'missing_marks = ["-"]'],
    ['2026-03-01', 'a date'],
    ['2026-03-01T12:00:00Z', 'a date'],
    ['01.03.2026', 'a date'],
    ['3/1/26', 'a date'],
    ['12:30', 'a date or a time'],
    ['Mar 1, 2026', 'a date'],
    ['1,5', 'decimal = ","'],
    ['1,234', 'write 1234'],
    ['1.234,5', 'write 1234,5 and `decimal = ","`'],
    ['1,234.5', 'write 1234.5'],
    ['1 234', 'write 1234'],
    ["1'234", 'write 1234'],
    ['45 %', 'write 45 without the sign'],
    ['$12.50', 'amount with its currency'],
    ['12 €', 'amount with its currency'],
    ['1;2', 'separator = ";"'],
    ['-inf', 'not finite'],
    ['1e99', 'no number float32 can hold'],
    ['True', 'categorical = ["a"]'],
    ['red', 'categorical = ["a"]'],
    ['may', 'categorical = ["a"]'],
    ['market 5', 'categorical = ["a"]'],
  ])('%j is explained with %j', (cell, help) => {
    expect(explainText(cell, 'a', form)).toContain(help);
  });

  it('may be a number with a point, where commas are decimal', () => {
    expect(explainText('1.5', 'a', { ...form, decimal: ',' })).toContain('has a decimal point');
  });
});
