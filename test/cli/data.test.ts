import { describe, expect, it } from 'vitest';
import { folderWith, nncHere } from './program.ts';

const table = 'size,color,k\n1,red,0\n2,blue,1\n,blue,1\n4,red,1\n';

describe('nnc data', () => {
  it('inspect shows counts, ranges, missing cells and the balance of classes', async () => {
    const { code, stdout, stderr } = await nncHere(['data', 'inspect', 't.csv'], {
      cwd: folderWith({ 't.csv': table }),
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.replace(/CSV .*t\.csv/, 'CSV t.csv')).toMatchInlineSnapshot(`
      "CSV t.csv

      4 examples

      field  kind    shape  missing  least  most    mean  deviation  different
      ────────────────────────────────────────────────────────────────────────
      size   number               1      1     4   2.333      1.247          3
      color  text                                                            2
      k      number                      0     1  0.7500     0.4330          2

      size  count   share
      ───────────────────────────────────────────────────
      1         1  25.0 %  ██████████████████████████████
      2         1  25.0 %  ██████████████████████████████
      4         1  25.0 %  ██████████████████████████████

      color  count   share
      ────────────────────────────────────────────────────
      blue       2  50.0 %  ██████████████████████████████
      red        2  50.0 %  ██████████████████████████████

      k  count   share
      ────────────────────────────────────────────────
      0      1  25.0 %  ██████████
      1      3  75.0 %  ██████████████████████████████
      "
    `);
  });

  it('inspect gives JSON', async () => {
    const { stdout } = await nncHere(['data', 'inspect', 't.csv', '--json'], {
      cwd: folderWith({ 't.csv': table }),
    });
    expect(JSON.parse(stdout)).toMatchObject({ format: 'CSV', parts: [{ examples: 4 }] });
  });

  it.each([
    [['data', 'inspect', 'nowhere.csv'], 2, 'there is no file nowhere.csv'],
    [['data', 'inspect', 'bad.csv'], 2, 'line 2: it has 1 cells, and the first row 2'],
    [['data', 'get', 'imagenet'], 2, 'no place is known to download imagenet from'],
    [['data', 'gte', 'mnist'], 2, 'Did you mean `get`?'],
    [['data', 'inspect'], 2, '`nnc data` needs what'],
    [['data', 'inspect', 'bad.csv', '--separator', 'ab'], 2, '--separator takes one character'],
  ])('%j is bad input', async (words, wanted, message) => {
    const { code, stderr } = await nncHere(words, { cwd: folderWith({ 'bad.csv': 'a,b\n1\n' }) });
    expect([code, stderr]).toEqual([wanted, expect.stringContaining(message)]);
  });
});
