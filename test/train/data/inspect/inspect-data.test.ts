import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, describe, expect, it } from 'vitest';
import { inspectData, type InspectOptions } from '../../../../src/train/data/inspect/inspect-data.ts';
import { diagnosticOf, folderWith, idxFile } from '../files.ts';
import { deflated, floats } from '../numpy-files.ts';
import { jpegFile, pngFile } from '../pictures.ts';

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const remove of cleanup.splice(0)) await remove();
});

async function inspect(
  what: string,
  files: { readonly [path: string]: string | Uint8Array },
  options: Partial<InspectOptions> = {},
) {
  const { folder, remove } = await folderWith(files);
  cleanup.push(remove);
  const found = await inspectData(what, { folder, ...options }).catch(diagnosticOf);
  return JSON.parse(JSON.stringify(found).replaceAll(folder, 'DIR')) as unknown;
}

describe('a table', () => {
  it('has dates, and the steps between different ones', async () => {
    const text = 'at,v\n2024-01-02,1\n2024-01-01,2\n2024-01-05,3\n,4\n2024-01-02,5\n';
    const day = 86_400;
    expect(await inspect('t.csv', { 't.csv': text })).toMatchObject({
      parts: [
        {
          fields: [
            {
              name: 'at',
              kind: 'date',
              missing: 1,
              distinct: 3,
              range: { min: Date.UTC(2024, 0, 1) / 1000, max: Date.UTC(2024, 0, 5) / 1000 },
              steps: { least: day, median: day, most: 3 * day },
            },
            { name: 'v', kind: 'number' },
          ],
        },
      ],
    });
    expect(await inspect('t.csv', { 't.csv': 'at\n2024-01-02\nlater\n' })).toMatchObject({
      parts: [{ fields: [{ name: 'at', kind: 'text' }] }],
    });
  });

  it('of CSV has ranges, missing cells, and classes by number or by text', async () => {
    expect(await inspect('t.csv', { 't.csv': 'a;kind;k\n1;red;0\n4;blue;1\n;red;1\n4;;1\n' })).toEqual({
      format: 'CSV',
      path: 'DIR/t.csv',
      csv: { separator: ';', header: true },
      parts: [
        {
          name: 'all',
          examples: 4,
          fields: [
            {
              name: 'a',
              kind: 'number',
              shape: [],
              missing: 1,
              range: { min: 1, max: 4, mean: 3, deviation: expect.closeTo(Math.SQRT2) as number },
              distinct: 2,
              values: [
                { value: '1', count: 1 },
                { value: '4', count: 2 },
              ],
            },
            {
              name: 'kind',
              kind: 'text',
              shape: [],
              missing: 1,
              distinct: 2,
              values: [
                { value: 'red', count: 2 },
                { value: 'blue', count: 1 },
              ],
            },
            {
              name: 'k',
              kind: 'number',
              shape: [],
              missing: 0,
              range: { min: 0, max: 1, mean: 0.75, deviation: expect.closeTo(0.433) as number },
              distinct: 2,
              values: [
                { value: '0', count: 1 },
                { value: '1', count: 3 },
              ],
            },
          ],
        },
      ],
    });
  });

  it('may have no header, and a separator that is given', async () => {
    const files = { t: '1 2\n3 4\n' };
    expect(await inspect('t', files, { separator: ' ', headerless: true })).toMatchObject({
      parts: [{ examples: 2, fields: [{ name: '1' }, { name: '2' }] }],
    });
  });

  it('may be Parquet', async () => {
    const file = parquetWriteBuffer({
      columnData: [
        { name: 'x', data: [1.5, null], type: 'DOUBLE', nullable: true },
        { name: 'k', data: ['a', 'a'], type: 'STRING' },
      ],
    });
    expect(await inspect('t', { t: new Uint8Array(file) })).toMatchObject({
      format: 'Parquet',
      parts: [
        {
          examples: 2,
          fields: [
            { missing: 1, range: { min: 1.5, max: 1.5 } },
            { kind: 'text', values: [{ value: 'a', count: 2 }] },
          ],
        },
      ],
    });
  });
});

describe('arrays', () => {
  it('are told apart by what they begin with', async () => {
    const labels = idxFile([3], [2, 0, 2]);
    const files = { a: floats, b: deflated, c: labels, d: new Uint8Array(gzipSync(labels)) };
    expect(await inspect('a', files)).toMatchObject({
      format: 'NPY',
      parts: [{ examples: 3, fields: [{ shape: [4], range: { min: 0, max: 5.5 } }] }],
    });
    expect(await inspect('b', files)).toMatchObject({
      format: 'NPZ',
      parts: [
        {
          fields: [
            { name: 'x', shape: [4, 4], range: { max: 47 } },
            { name: 'k', distinct: 3 },
          ],
        },
      ],
    });
    for (const name of ['c', 'd'])
      expect(await inspect(name, files)).toMatchObject({
        format: 'IDX',
        parts: [
          {
            examples: 3,
            fields: [
              {
                values: [
                  { value: '0', count: 1 },
                  { value: '2', count: 2 },
                ],
              },
            ],
          },
        ],
      });
  });
});

describe('pictures', () => {
  it('have classes, sizes and the range of their pixels', async () => {
    const png = (value: number, size = 2) => pngFile(size, size, () => [value, value, value], 0);
    const same = { 'p/a/1.png': png(10), 'p/b/1.png': png(20), 'p/b/2.png': png(60) };
    expect(await inspect('p', same)).toMatchObject({
      format: 'images',
      parts: [
        {
          name: 'train',
          examples: 3,
          fields: [
            { kind: 'image', shape: [1, 2, 2], range: { min: 10, max: 60, mean: 30 } },
            {
              kind: 'class',
              values: [
                { value: 'a', count: 1 },
                { value: 'b', count: 2 },
              ],
            },
          ],
        },
      ],
    });
    const mixed = { ...same, 'p/b/3.jpg': jpegFile(8, 4, () => [1, 2, 3]) };
    expect(await inspect('p', mixed)).toMatchObject({
      parts: [
        {
          fields: [
            {
              shape: [3],
              sizes: [
                { value: '2 × 2', count: 3 },
                { value: '8 × 4', count: 1 },
              ],
            },
            { kind: 'class' },
          ],
        },
      ],
    });
  });

  it('of a known set are found by its name, or by its files in a folder', async () => {
    const images = idxFile([2, 1, 1], [0, 255]);
    const files = {
      'mnist/train-images-idx3-ubyte': images,
      'mnist/train-labels-idx1-ubyte': idxFile([2], [3, 3]),
      'mnist/t10k-images-idx3-ubyte': images,
      'mnist/t10k-labels-idx1-ubyte': idxFile([2], [0, 1]),
    };
    const parts = [
      {
        name: 'train',
        examples: 2,
        fields: [
          { kind: 'image', shape: [1, 1], range: { min: 0, max: 255, mean: 127.5 } },
          { kind: 'class', distinct: 1 },
        ],
      },
      { name: 'test', fields: [{}, { distinct: 2 }] },
    ];
    expect(await inspect('mnist', files)).toMatchObject({ format: 'mnist', parts });
    expect(await inspect('./mnist/', files)).toMatchObject({ parts });
  });
});

describe('what is not data', () => {
  it.each([
    ['nothing', { code: 'data.file-missing' }],
    ['empty', { code: 'data.malformed', args: { reason: 'it holds no row' } }],
    ['noise', { code: 'data.malformed', args: { reason: 'it is no text in UTF-8, or too long for one' } }],
    ['a\0b', { code: 'data.file-missing' }],
  ])('is said to be none: %j', async (what, message) => {
    expect(await inspect(what, { empty: '', noise: Uint8Array.of(1, 0xff, 0xfe, 3) })).toMatchObject(message);
  });
});
