// Times, ids and coordinates: numbers whose differences float32 has no digits for. The mean is taken off before they are rounded,
// whatever file they come from, in training and for one more example.
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, describe, expect, it } from 'vitest';
import { slice } from '../../../src/train/data/feed/batches.ts';
import { prepareCells } from '../../../src/runtime/preparation/prepare.ts';
import { loadData } from '../../../src/train/data/load-data.ts';
import { folderWith, real, setting } from './files.ts';

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const remove of cleanup.splice(0)) await remove();
});

const count = 8;
const times = Array.from({ length: count }, (_, i) => 1_700_000_000 + i);
const mean = 1_700_000_003.5;
const deviation = Math.sqrt(5.25);
const wanted = times.map((time) => Math.fround((time - mean) / deviation));

function npy(values: Float64Array, shape: string): Uint8Array {
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': ${shape}, }\n`;
  const file = new Uint8Array(10 + text.length + 8 * values.length);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length]);
  file.set(new TextEncoder().encode(text), 10);
  file.set(new Uint8Array(values.buffer), 10 + text.length);
  return file;
}

const csv = ['when,y', ...times.map((time, i) => `${time},${i}`)].join('\n');
const parquet = new Uint8Array(
  parquetWriteBuffer({
    columnData: [
      { name: 'when', data: times, type: 'DOUBLE' },
      { name: 'y', data: times.map((_, i) => i), type: 'DOUBLE' },
    ],
  }),
);
const arrays = {
  'x.npy': npy(Float64Array.from(times), `(${count}, 1)`),
  'y.npy': npy(
    Float64Array.from(times, (_, i) => i),
    `(${count}, 1)`,
  ),
};
const table = { target: 'y', normalize: true };

describe('numbers with more digits than float32 has', () => {
  it.each([
    ['csv', setting('csv', table, ['t.csv']), { 't.csv': csv }],
    [
      'csv, with empty cells filled',
      setting('csv', { ...table, missing: 'mean' }, ['t.csv']),
      { 't.csv': csv },
    ],
    ['parquet', setting('parquet', table, ['t.parquet']), { 't.parquet': parquet }],
    ['npy', setting('npy', { inputs: 'x.npy', targets: 'y.npy', normalize: true }), arrays],
  ])('are normalized before they are rounded: %s', async (_, data, files) => {
    const { folder, remove } = await folderWith(files);
    cleanup.push(remove);
    const found = await loadData(data, { inputs: [real('x', [1])], targets: [real('y', [1])] }, { folder });
    expect([...(slice(found.train, 0, count)['x'] ?? [])]).toEqual(wanted);
    const [form] = found.preprocessing.inputs;
    const again = times.map((time) => {
      return form && prepareCells({ port: real('x', [1]), form }, [String(time)])[0];
    });
    expect(again).toEqual(wanted);
  });
});
