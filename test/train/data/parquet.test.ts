import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, describe, expect, it } from 'vitest';
import type { Json, Port } from '../../../src/runtime/specification.ts';
import { slice } from '../../../src/train/data/feed/batches.ts';
import { classOf, folderWith, loadOrDiagnose, real, setting } from './files.ts';

type Column = Parameters<typeof parquetWriteBuffer>[0]['columnData'][number];
type Options = Omit<Parameters<typeof parquetWriteBuffer>[0], 'columnData'>;

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const remove of cleanup.splice(0)) await remove();
});

const file = (columnData: Column[], options: Options = {}) =>
  new Uint8Array(parquetWriteBuffer({ columnData, ...options }));

/** Loads `t.parquet`; gives each port's values in order, or the message. */
async function load(
  bytes: Uint8Array | { readonly [path: string]: Uint8Array },
  ports: { inputs: Port[]; targets: Port[] },
  named: { readonly [name: string]: Json },
) {
  const files = bytes instanceof Uint8Array ? { 't.parquet': bytes } : bytes;
  const { folder, remove } = await folderWith(files);
  cleanup.push(remove);
  const found = await loadOrDiagnose(setting('parquet', named, ['t.parquet']), ports, { folder });
  if ('code' in found)
    return `${found.code}: ${Object.values(found.args).join(' | ')}`.replaceAll(folder, 'DIR');
  const parts = Object.fromEntries(
    Object.entries(slice(found.train, 0, found.train.count)).map(([name, values]) => [name, [...values]]),
  );
  return { ...parts, dataset: found };
}

const houses: Column[] = [
  { name: 'area', data: [50, 80, 120, 65], type: 'INT32' },
  { name: 'rooms', data: [2, 3, 5, 2], type: 'DOUBLE' },
  { name: 'old', data: [true, false, false, true], type: 'BOOLEAN' },
  { name: 'town', data: ['Ulm', 'Bonn', 'Ulm', 'Kiel'], type: 'STRING' },
  { name: 'price', data: [1n, 2n, 3n, 4n], type: 'INT64' },
];
const ports = { inputs: [real('x', [6])], targets: [real('y', [])] };
const expected = [50, 2, 1, 0, 0, 1, 80, 3, 0, 1, 0, 0, 120, 5, 0, 0, 0, 1, 65, 2, 1, 0, 1, 0];

describe('a Parquet file', () => {
  it('gives numbers, truth values and texts, which are categories', async () => {
    expect(await load(file(houses), ports, { target: 'price' })).toMatchObject({
      x: expected,
      y: [1, 2, 3, 4],
    });
  });

  it('may be in several groups of rows, and packed', async () => {
    for (const options of [
      { rowGroupSize: 2 },
      { codec: 'SNAPPY' },
      { codec: 'UNCOMPRESSED' },
      {
        codec: 'GZIP',
        compressors: { GZIP: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)) },
      },
    ] as Options[])
      expect(
        await load(file(houses, options), ports, { target: 'price' }),
        JSON.stringify(options),
      ).toMatchObject({
        x: expected,
      });
  });

  it('may have its values encoded in every way', async () => {
    const encoded = (encodings: { readonly [name: string]: Column['encoding'] }) =>
      file(
        houses.map((column) => {
          const encoding = encodings[column.name];
          return encoding ? { ...column, encoding } : column;
        }),
      );
    for (const encodings of [
      { area: 'PLAIN', rooms: 'PLAIN', town: 'PLAIN', price: 'PLAIN' },
      { area: 'RLE_DICTIONARY', rooms: 'RLE_DICTIONARY', town: 'RLE_DICTIONARY' },
      {
        area: 'DELTA_BINARY_PACKED',
        rooms: 'BYTE_STREAM_SPLIT',
        town: 'DELTA_LENGTH_BYTE_ARRAY',
        old: 'RLE',
      },
      { town: 'DELTA_BYTE_ARRAY', price: 'DELTA_BINARY_PACKED' },
    ] as const)
      expect(
        await load(encoded(encodings), ports, { target: 'price' }),
        JSON.stringify(encodings),
      ).toMatchObject({ x: expected, y: [1, 2, 3, 4] });
  });

  it('of many rows is read whole', async () => {
    const count = 20_000;
    const data = Float32Array.from({ length: count }, (_, i) => i % 977);
    const names = Array.from({ length: count }, (_, i) => ['a', 'b', 'c'][i % 3] ?? '');
    const found = await load(
      file([
        { name: 'a', data, type: 'FLOAT' },
        { name: 'k', data: names, type: 'STRING' },
      ]),
      { inputs: [real('a', [])], targets: [classOf('k', 3)] },
      { target: 'k' },
    );
    expect(found).toMatchObject({
      a: [...data],
      k: Array.from({ length: count }, (_, i) => i % 3),
      dataset: { classes: ['a', 'b', 'c'] },
    });
  });

  it('may have missing cells, which are treated as a CSV file’s', async () => {
    const gaps = file([
      { name: 'a', data: [1, null, 3, 5], type: 'DOUBLE', nullable: true },
      { name: 'c', data: ['x', 'y', null, 'y'], type: 'STRING', nullable: true },
      { name: 'k', data: [0, 1, 0, 1], type: 'INT32' },
    ]);
    const three = { inputs: [real('x', [3])], targets: [classOf('k', 2)] };
    expect(await load(gaps, three, { target: 'k' })).toBe(
      'data.rows: DIR/t.parquet | 2 | \n' +
        '  row 2: the column `a` is empty; `missing = mean` fills such cells, and `missing = drop` leaves such rows out\n' +
        '  row 3: the column `c` is empty; `missing = mean` fills such cells, and `missing = drop` leaves such rows out',
    );
    expect(await load(gaps, three, { target: 'k', missing: 'drop' })).toMatchObject({
      x: [1, 1, 0, 5, 0, 1],
    });
    expect(await load(gaps, three, { target: 'k', missing: 'mean' })).toMatchObject({
      x: [1, 1, 0, 3, 0, 1, 3, 0, 1, 5, 0, 1],
      dataset: {
        preprocessing: {
          inputs: [
            {
              columns: [
                { name: 'a', missing: 3 },
                { name: 'c', missing: 'y' },
              ],
            },
          ],
        },
      },
    });
  });

  it('may have a test file, whose columns and categories must be the same', async () => {
    const test = (...data: string[]) =>
      file([
        { name: 'a', data: data.map((_, i) => i), type: 'DOUBLE' },
        { name: 'k', data, type: 'STRING' },
      ]);
    const two = { inputs: [real('a', [])], targets: [classOf('k', 2)] };
    const both = (second: Uint8Array) =>
      load({ 't.parquet': test('x', 'y'), 'test.parquet': second }, two, {
        target: 'k',
        test: 'test.parquet',
      });
    const found = await both(test('y', 'y', 'x'));
    if (typeof found === 'string') return expect.fail(found);
    expect([...(found.dataset.test ? (slice(found.dataset.test, 0, 3)['k'] ?? []) : [])]).toEqual([1, 1, 0]);
    expect(await both(test('z'))).toBe(
      'data.table-row: DIR/test.parquet | 1 | the column `k` is "z", which the training file does not have',
    );
    expect(await both(file(houses))).toContain('its columns are area, rooms, old, town, price');
  });

  it('says what it cannot read', async () => {
    const dated = file([
      { name: 'when', data: [new Date(0), new Date(1)], type: 'TIMESTAMP' },
      { name: 'k', data: [0, 1], type: 'INT32' },
    ]);
    expect(
      await load(dated, { inputs: [real('x', [])], targets: [classOf('k', 2)] }, { target: 'k' }),
    ).toMatch(/data.malformed: .*its column when is TIMESTAMP.*, neither numbers nor texts/);
    expect(await load(file(houses), ports, { target: 'prices' })).toContain('did you mean `price`?');
    expect(await load(Uint8Array.of(80, 65, 82, 49), ports, { target: 'price' })).toContain(
      'it does not begin and end as a Parquet file does',
    );
  });
});
