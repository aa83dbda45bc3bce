// `nnc init` writes models that the compiler and their data take.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { initialize } from '../../src/cli/commands/init/run.ts';
import { deflated } from '../train/data/numpy-files.ts';
import { pngFile } from '../train/data/pictures.ts';
import { folderWith, nncHere } from './program.ts';

/** The model written for a table, and what was said. */
async function modelFor(table: string, ...options: string[]) {
  const cwd = folderWith({ 't.csv': table });
  const { code, stdout, stderr } = await nncHere(['init', 't.csv', ...options], { cwd });
  const path = join(cwd, 't.nn');
  return { cwd, code, said: stdout, stderr, model: existsSync(path) ? readFileSync(path, 'utf8') : '' };
}

const rowsOf = (count: number, row: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => row(i)).join('\n');
const kinds = ['red', 'green', 'blue'];

describe('nnc init with a table', () => {
  it('predicts classes from numbers and texts', async () => {
    const table = `size,color,kind\n${rowsOf(60, (i) => `${i % 7}.5,${kinds[i % 3]},k${i % 2}`)}\n`;
    const { cwd, code, said, model } = await modelFor(table, '--target', 'kind');
    expect(code).toBe(0);
    expect(model).toBe(
      `// Predicts kind from size, color: 60 rows of t.csv.
model T {
  input  x: [4]          // size, color as 3
  target kind: class(2)  // k0, k1

  net {
    Linear(32)  ReLU
    Linear(32)  ReLU
    Linear(2)
  }

  loss      CrossEntropy
  optimizer Adam(lr = 3e-3)
  schedule  Cosine
  metrics   accuracy

  // A text is as many numbers as its column has texts: the one at its place is 1, the others are 0.
  // A fifth of the rows is kept for the test.
  data  csv("t.csv", target = "kind", categorical = ["color"], test = 0.2, normalize = true)
  train { epochs = 200  batch = 8  seed = 1  validation = 0.1 }
}
`,
    );
    expect(said).toContain('next:\n  nnc train t.nn\n  nnc eval t.nn');
    expect(said).not.toContain('assumed');
    expect((await nncHere(['fmt', '--check'], { cwd })).code).toBe(0);
    expect((await nncHere(['check', '--data'], { cwd })).code).toBe(0);
  });

  it('predicts a number, takes what Excel writes in Europe, and says what it assumed', async () => {
    const table = `ort;fläche;preis\n${rowsOf(60, (i) => `${kinds[i % 3]};${i % 9 === 4 ? 'NA' : `${i},5`};${100 + i},25`)}\n`;
    const { code, said, model } = await modelFor(table);
    expect(code).toBe(0);
    expect(model).toContain('target preis: [1]');
    expect(model).toContain('loss      MSE');
    for (const option of [
      'separator = ";"',
      'decimal = ","',
      'missing_marks = ["NA"]',
      'missing = mean',
      'normalize = true',
    ])
      expect(model).toContain(option);
    for (const remark of [
      'cells are separated by ;',
      'numbers have a decimal comma',
      'NA stand for missing cells',
      'preis is to be predicted (--target names another column)',
      'missing cells become the mean of their column',
    ])
      expect(said).toContain(remark);
  });

  it('leaves out what nothing can be learned from', async () => {
    const table = `id,name,day,same,empty,a,y\n${rowsOf(40, (i) => `${i + 1},n${i},2026-03-${String((i % 28) + 1).padStart(2, '0')},1,,${i % 5},${i / 3}`)}\n`;
    const { code, said, model } = await modelFor(table);
    expect(code).toBe(0);
    expect(model).toContain('features = ["a"]');
    for (const reason of [
      'id is left out: it counts the rows',
      'name is left out: it has 40 different texts',
      'day is left out: dates are not read',
      'same is left out: it has the same value in every row',
      'empty is left out: it is empty',
    ])
      expect(said).toContain(reason);
  });

  it('may have no header, and classes that do not count from 0', async () => {
    const { code, said, model } = await modelFor(
      `${rowsOf(60, (i) => `${i % 7}.5,${i % 11},${(i % 3) + 1}`)}\n`,
    );
    expect(code).toBe(0);
    expect(model).toContain('target y_3: class(3)  // 1, 2, 3');
    expect(model).toContain('csv("t.csv", target = 3, categorical = [3], header = false,');
    expect(said).toContain('the first row is data');
    expect(said).toContain('the 3 different numbers of 3 are classes, and not amounts');
  });

  it('leaves out rows without a target', async () => {
    const { code, said, model } = await modelFor(
      `a,y\n${rowsOf(40, (i) => `${i % 5},${i % 10 === 3 ? '' : i / 3}`)}\n`,
    );
    expect(code).toBe(0);
    expect(model).toContain('missing = drop');
    expect(model).toContain('36 rows of t.csv');
    expect(said).toContain('4 rows that lack a cell are left out');
  });

  it('takes any name that a column can have', async () => {
    const hostile = ['class', 'a "quoted" \\ name', 'x', '*/ } //', 'a\u202eb', '1st', 'größe', 'target'];
    for (const name of hostile) {
      const header = `${JSON.stringify(name).replaceAll('\\"', '""').replaceAll('\\\\', '\\')},b`;
      const table = `${header}\n${rowsOf(30, (i) => `${i / 3},${i % 4}`)}\n`;
      const { code, stderr, model } = await modelFor(table, '--target', name);
      expect([name, code, stderr]).toEqual([name, 0, '']);
      expect(model).not.toMatch(/\u202e.*\/\/|\/\/.*\u202e/);
    }
  });

  it.each([
    ['a,y\n1,2\n', '--target', 'z', 'it has no column z'],
    [`a,y\n${rowsOf(30, (i) => `${i},1`)}\n`, '--target', 'y', 'y has the same value in every row'],
    [`a,y\n${rowsOf(30, (i) => `${i % 4},t${i}`)}\n`, '--target', 'y', 'y has 30 different texts in 30 rows'],
    [`a,y\n${rowsOf(30, (i) => `1,${i}`)}\n`, '--target', 'y', 'beside y no column can be learned from'],
    ['a,y\n1,2\n3\n', '--target', 'y', 'line 3: it has 1 cells'],
  ])('%j with %s %s is refused', async (table, option, target, message) => {
    const { code, stderr, model } = await modelFor(table, option, target);
    expect([code, model]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('may be Parquet', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => i);
    const file = parquetWriteBuffer({
      columnData: [
        { name: 'size', data: rows.map((i) => i / 2), type: 'DOUBLE' },
        { name: 'color', data: rows.map((i) => kinds[i % 3] ?? ''), type: 'STRING' },
        { name: 'old', data: rows.map((i) => i % 2 === 0), type: 'BOOLEAN' },
      ],
    });
    const cwd = folderWith({ 'p.parquet': new Uint8Array(file) });
    const { code, stderr } = await nncHere(['init', 'p.parquet'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    const model = readFileSync(join(cwd, 'p.nn'), 'utf8');
    expect(model).toContain('target old: class(2)');
    expect(model).toContain('parquet("p.parquet", target = "old", test = 0.2, normalize = true)');
  });
});

describe('nnc init with other data', () => {
  const picture = (grey: number, side = 8) => pngFile(side, side, () => [grey, grey, grey], 0);

  it('takes a folder of pictures, divided or not', async () => {
    const cwd = folderWith({
      'p/train/a/1.png': picture(9),
      'p/train/a/2.png': picture(8),
      'p/train/b/1.png': picture(7),
      'p/train/b/2.png': picture(7),
      'p/val/a/1.png': picture(6),
      'q/a/1.png': pngFile(90, 80, () => [1, 2, 3]),
      'q/b/1.png': pngFile(70, 99, () => [1, 2, 3]),
    });
    expect((await nncHere(['init', 'p'], { cwd })).code).toBe(0);
    const divided = readFileSync(join(cwd, 'p.nn'), 'utf8');
    expect(divided).toContain('input  image: [1, 8, 8]');
    expect(divided).toContain('target kind: class(2)');
    expect(divided).not.toContain('validation =');
    const { code, stdout } = await nncHere(['init', 'q'], { cwd });
    expect([code, stdout]).toEqual([0, expect.stringContaining('pictures are scaled to 64 × 64 pixels')]);
    expect(readFileSync(join(cwd, 'q.nn'), 'utf8')).toContain('images("q", resize = true, normalize = true)');
  });

  it('takes the arrays of an .npz file', async () => {
    const cwd = folderWith({ 'd.npz': deflated });
    const { code, stderr } = await nncHere(['init', 'd.npz'], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining('It has x, k. Name what is to be predicted')]);
    expect((await nncHere(['init', 'd.npz', '--target', 'k'], { cwd })).code).toBe(0);
    const model = readFileSync(join(cwd, 'd.nn'), 'utf8');
    expect(model).toContain('input  x: [4, 4]');
    expect(model).toContain('npz("d.npz", normalize = true)');
  });

  it('calls data elsewhere by --data-root', async () => {
    const folder = folderWith({ 'data/t.csv': `a,y\n${rowsOf(30, (i) => `${i % 7},${i / 3}`)}\n` });
    const cwd = join(folder, 'work');
    mkdirSync(cwd);
    const { code, stdout } = await nncHere(['init', '../data/t.csv'], { cwd });
    expect([code, stdout]).toEqual([0, expect.stringContaining('nnc train t.nn --data-root ../data')]);
    expect(readFileSync(join(cwd, 't.nn'), 'utf8')).toContain('csv("t.csv",');
  });

  it.each([
    [['init', 'nowhere.csv'], 'there is no file'],
    [['init'], 'nothing says what the model is to learn from'],
    [['init', 't.csv', '--template', 'table'], 'was given data and a template'],
    [['init', '--template', 'tabel'], 'Did you mean `table`?'],
  ])('%j is refused', async (words, message) => {
    const { code, stderr } = await nncHere(words, { cwd: folderWith({ 't.csv': 'a,y\n1,2\n' }) });
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('nnc init', () => {
  it('replaces nothing without --force', async () => {
    const table = `a,y\n${rowsOf(30, (i) => `${i % 7},${i / 3}`)}\n`;
    const cwd = folderWith({ 't.csv': table, 't.nn': 'mine', 'fruit.csv': 'mine' });
    const refused = await nncHere(['init', 't.csv'], { cwd });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('t.nn is there already')]);
    const template = await nncHere(['init', '--template', 'table'], { cwd });
    expect([template.code, template.stderr]).toEqual([
      2,
      expect.stringContaining('fruit.csv is there already'),
    ]);
    expect(existsSync(join(cwd, 'fruit.nn'))).toBe(false);
    expect(readFileSync(join(cwd, 't.nn'), 'utf8')).toBe('mine');
    expect((await nncHere(['init', 't.csv', '--force'], { cwd })).code).toBe(0);
    expect(readFileSync(join(cwd, 't.nn'), 'utf8')).toContain('model T {');
  });

  it('asks on a terminal what nobody said', async () => {
    const cwd = folderWith({ 't.csv': `a,y,b\n${rowsOf(40, (i) => `${i % 7},${i / 3},${i / 5}`)}\n` });
    const asked: string[] = [];
    const answers = ['t.csv', 'a'];
    const before = process.cwd();
    process.chdir(cwd);
    try {
      const streams = {
        result: () => undefined,
        note: () => undefined,
        raw: () => undefined,
        terminal: undefined,
        color: false,
      };
      const options = { target: undefined, template: undefined, out: undefined, force: false };
      const ask = (question: string, usual: string) => {
        asked.push(`${question} [${usual}]`);
        return Promise.resolve(answers[asked.length - 1] ?? usual);
      };
      expect(await initialize(undefined, options, streams, ask)).toBe(0);
    } finally {
      process.chdir(before);
    }
    expect(asked).toEqual([
      expect.stringContaining('What is there to learn from'),
      'Which column is to be predicted: a, y, b? [y]',
    ]);
    expect(readFileSync(join(cwd, 't.nn'), 'utf8')).toContain('target a: class(7)');
  });

  it('has templates, which bring their data', async () => {
    const cwd = folderWith({});
    for (const template of ['digits', 'table', 'images'])
      expect([template, (await nncHere(['init', '--template', template], { cwd })).code]).toEqual([
        template,
        0,
      ]);
    expect((await nncHere(['fmt', '--check'], { cwd })).code).toBe(0);
    expect((await nncHere(['check', '--data', 'fruit.nn', 'shapes.nn'], { cwd })).code).toBe(0);
    expect((await nncHere(['check', 'digits.nn'], { cwd })).code).toBe(0);
  });
});
