// What is stored with a model does to a raw example what was done to the examples it was trained on, to the bit.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slice } from '../../../src/train/data/feed/batches.ts';
import { decodePicture } from '../../../src/train/data/formats/picture-file.ts';
import { ExampleError } from '../../../src/runtime/preparation/example-error.ts';
import type { ImageForm, InputForm, TableForm } from '../../../src/runtime/preparation/form.ts';
import { prepareCells, preparePicture } from '../../../src/runtime/preparation/prepare.ts';
import { prepareRow, type Cell } from '../../../src/runtime/preparation/rows.ts';
import { parsePreprocessing, showPreprocessing } from '../../../src/train/data/prepare/preprocessing.ts';
import { classOf, real, setting } from './files.ts';
import { floats } from './numpy-files.ts';
import { jpegFile, pngFile } from './pictures.ts';
import { folderOf, load } from './small-data.ts';

/** The form that was stored, back from its JSON. */
async function stored<K extends InputForm['kind']>(
  kind: K,
  files: Parameters<typeof folderOf>[0],
  ...[data, ports, options]: [
    Parameters<typeof load>[0],
    NonNullable<Parameters<typeof load>[2]>,
    Omit<Parameters<typeof load>[1], 'folder'>?,
  ]
) {
  const found = await load(data, { folder: await folderOf(files), ...options }, ports);
  const json: unknown = JSON.parse(JSON.stringify(showPreprocessing(found.preprocessing)));
  const [input] = parsePreprocessing(json)?.inputs ?? [];
  if (input?.kind !== kind) throw new Error(`stored as ${input?.kind}`);
  const trained = [...(slice(found.train, 0, found.train.count)[input.name] ?? [])];
  return { input: input as Extract<InputForm, { kind: K }>, trained, found };
}

describe('what is stored with a model', () => {
  it('does to a picture what was done to the training part', async () => {
    const ports = { inputs: [real('image', [3, 4, 4])], targets: [classOf('k', 2)] };
    const one = pngFile(4, 4, (x, y) => [60 * x, 50 * y, 99]);
    const two = jpegFile(4, 4, (x) => [10 * x, 200, 7]);
    const files = { 'p/a/1.png': one, 'p/b/1.jpg': two };
    const { input, trained } = await stored(
      'image',
      files,
      setting('images', { normalize: true }, ['p']),
      ports,
    );
    const image = (form: ImageForm) => ({ port: real(form.name, form.shape), form });
    const again = [one, two].map(async (bytes) =>
      preparePicture(image(input), await decodePicture(bytes, 'x')),
    );
    expect((await Promise.all(again)).flatMap((values) => [...values])).toEqual(trained);
    const small = await decodePicture(
      pngFile(2, 2, () => [1, 2, 3]),
      'x',
    );
    expect(() => preparePicture(image(input), small)).toThrow(
      'image: it is a picture of 2 × 2, and the input takes 4 × 4',
    );
  });

  it('does to a row what was done to the training part, whose rows alone count', async () => {
    const table = 'a,c,k\n1,x,0\n,y,1\n3.5,,0\n8,x,1\n-2,y,0\n9,x,1\n';
    const ports = { inputs: [real('x', [3])], targets: [classOf('k', 2)] };
    const data = setting('csv', { target: 'k', categorical: 'c', missing: 'mean', normalize: true }, [
      't.csv',
    ]);
    const { input, found } = await stored('table', { 't.csv': table }, data, ports, {
      validation: 0.34,
      seed: 5,
    });
    const rows = table
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    const again = rows.map(([a = '', c = '']) => [...prepareRow(input, new Map([['a', a], ['c', c]]))]); // prettier-ignore
    const kept = [found.train, found.validation].flatMap((split) => [...(split?.rows ?? [])]);
    expect(kept).toHaveLength(6);
    const trained = [found.train, found.validation].flatMap((split) =>
      split ? [...(slice(split, 0, split.count)['x'] ?? [])] : [],
    );
    expect(kept.flatMap((row) => again[row] ?? [])).toEqual(trained);
    // the mean of the training rows' numbers, not of all
    const numbers = [...(found.train.rows ?? [])].flatMap((row) => {
      const cell = rows[row]?.[0] ?? '';
      return cell === '' ? [] : [Number(cell)];
    });
    const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    expect(input.columns[0]).toEqual({ kind: 'number', name: 'a', missing: mean });
    expect(input.normalization?.mean.slice(1)).toEqual([0, 0]);
    expect(found.preprocessing.targets).toEqual([{ name: 'k', kind: 'class', columns: ['k'] }]);
  });

  it('takes numbers and nothing for cells, and says what a row lacks', () => {
    const input: TableForm = {
      kind: 'table',
      name: 'x',
      columns: [
        { kind: 'number', name: 'a' },
        { kind: 'category', name: 'c', vocabulary: ['u', 'v'], encoding: 'index', missing: 'v' },
      ],
    };
    const row = (a: Cell, c: Cell) => {
      const cells = new Map<string, Cell>([['a', a], ['c', c]]); // prettier-ignore
      const found = attempt(() => [...prepareRow(input, cells)]);
      return found instanceof ExampleError ? found.message : found;
    };
    expect(row(2, 'u')).toEqual([2, 0]);
    expect(row('2e1', null)).toEqual([20, 1]);
    expect(row(undefined, 'u')).toBe('a: it is missing');
    expect(row('0x1', 'u')).toContain('is no number');
    expect(row(1, 'w')).toBe('c: it is "w", which is none of u, v');
    expect(row(1e39, 'u')).toContain('it is "1e+39", which is no number float32 can hold');
  });

  it('does to an array what was done to the training part', async () => {
    const ports = { inputs: [real('x', [2, 2])], targets: [] };
    const data = setting('npy', { inputs: 'x.npy', normalize: true });
    const { input, trained } = await stored('array', { 'x.npy': floats }, data, ports);
    const raw = Array.from({ length: 12 }, (_, i) => i / 2);
    const array = { port: real('x', [2, 2]), form: input };
    expect([0, 4, 8].flatMap((at) => [...prepareCells(array, raw.slice(at, at + 4))])).toEqual(trained);
    expect(() => prepareCells(array, [1])).toThrow('x: it has 1 elements, and [4] takes 4');
  });

  it('is refused where it is anything else', () => {
    const good = {
      format: 1,
      source: 'csv',
      inputs: [{ kind: 'array', name: 'x', shape: [4], normalization: { mean: [1, 2], deviation: [3, 4] } }],
      targets: [{ name: 'y', kind: 'number' }],
    };
    expect(parsePreprocessing(good)).toEqual(good);
    const changed = (change: object) =>
      parsePreprocessing({ ...good, inputs: [{ ...good.inputs[0], ...change }] });
    for (const change of [
      { kind: 'other' },
      { name: 1 },
      { shape: [4, 0] },
      { shape: [2 ** 20, 2 ** 20] },
      { normalization: { mean: [1, 2, 3], deviation: [1, 2, 3] } },
      { normalization: { mean: [], deviation: [] } },
      { normalization: { mean: [1], deviation: [null] } },
      { kind: 'image', resize: false },
      { kind: 'table', columns: [{ kind: 'category', name: 'c', vocabulary: [1], encoding: 'index' }] },
      { kind: 'table', columns: [], others: [1] },
    ])
      expect(changed(change), JSON.stringify(change)).toBeUndefined();
    const form = { separator: ';', header: false, missingMarks: ['NA'] };
    expect(parsePreprocessing({ ...good, csv: form })).toEqual({ ...good, csv: form });
    for (const csv of [1, {}, { ...form, separator: '' }, { ...form, missingMarks: [1] }])
      expect(parsePreprocessing({ ...good, csv })).toBeUndefined();
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const found = parsePreprocessing(value);
        expect([undefined, 1]).toContain(found?.format);
      }),
      { seed: 1 },
    );
  });
});

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
