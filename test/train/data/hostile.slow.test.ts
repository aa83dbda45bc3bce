// Every reader against its own files cut off at every byte and with every bit of what leads the decoder turned over: what comes
// out is the data, or a diagnostic; never another error, an endless loop or much memory.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DataSetting, Port } from '../../../src/runtime/specification.ts';
import { classOf, folderWith, idxFile, loadOrDiagnose, real, setting } from './files.ts';
import { deflated, floats, stored } from './numpy-files.ts';
import { jpegFile, pngFile } from './pictures.ts';

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const remove of cleanup.splice(0)) await remove();
});

interface Reader {
  readonly data: DataSetting;
  readonly inputs: readonly Port[];
  readonly targets: readonly Port[];
  readonly files: { readonly [path: string]: string | Uint8Array };
  /** Which of the files is damaged. */
  readonly damaged: string;
  /** How many of its first bytes lead the decoder; all of them when absent. */
  readonly header?: number;
}

const pictures = idxFile(
  [3, 2, 2],
  Array.from({ length: 12 }, (_, i) => i),
);
const labels = idxFile([3], [0, 1, 0]);
const digits = { inputs: [real('image', [4])], targets: [classOf('k', 2)] };
const idx = (images: Uint8Array, damaged: string): Reader => ({
  ...digits,
  data: setting('idx', { images: 'images', labels: 'labels' }),
  files: { images, labels },
  damaged,
});

const folderOf = (name: string, file: Uint8Array, size: number): Reader => ({
  inputs: [real('image', [3, size, size])],
  targets: [classOf('k', 2)],
  data: setting('images', {}, ['p']),
  files: { [`p/a/${name}`]: file, [`p/b/${name}`]: file },
  damaged: `p/b/${name}`,
});

const cell = (x: number, y: number) => [30 * x, 20 * y, 200] as const;

const parquet = (nullable: boolean, codec: 'SNAPPY' | 'UNCOMPRESSED' | 'GZIP', header?: number): Reader => ({
  ...(header !== undefined && { header }),
  inputs: [real('x', [4])],
  targets: [classOf('k', 2)],
  data: setting('parquet', { target: 'k', missing: 'mean' }, ['t']),
  files: {
    t: new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: 'a', data: [1, 2, nullable ? null : 3, 1], type: 'DOUBLE', nullable },
          { name: 'c', data: ['x', 'y', 'x', nullable ? null : 'z'], type: 'STRING', nullable },
          ...(nullable ? [{ name: 'b', data: [true, false, true, true], type: 'BOOLEAN' as const }] : []),
          { name: 'k', data: [0, 1, 0, 1], type: 'INT32' },
        ],
        codec,
        compressors: { GZIP: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)) },
        statistics: false,
      }),
    ),
  },
  damaged: 't',
});

/** Texts as the ends by which each differs from the one before, and numbers as differences. */
const differences: Reader = {
  inputs: [real('x', [4])],
  targets: [classOf('k', 2)],
  data: setting('parquet', { target: 'k' }, ['t']),
  files: {
    t: new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: 'a', data: ['one', 'once', 'one'], type: 'STRING', encoding: 'DELTA_BYTE_ARRAY' },
          { name: 'b', data: ['x', 'y', 'x'], type: 'STRING', encoding: 'DELTA_LENGTH_BYTE_ARRAY' },
          { name: 'k', data: [0, 1, 0], type: 'INT32', encoding: 'DELTA_BINARY_PACKED' },
        ],
        codec: 'UNCOMPRESSED',
        statistics: false,
      }),
    ),
  },
  damaged: 't',
  header: 120,
};

const cifarRecord = Uint8Array.from({ length: 3073 }, (_, i) => (i === 0 ? 1 : i % 256));
const readers: { readonly [name: string]: Reader } = {
  IDX: idx(pictures, 'images'),
  'IDX of labels': idx(pictures, 'labels'),
  'IDX in gzip': idx(new Uint8Array(gzipSync(pictures)), 'images'),
  NPY: {
    inputs: [real('x', [4])],
    targets: [],
    data: setting('npy', { inputs: 'x' }),
    files: { x: floats },
    damaged: 'x',
    header: 128,
  },
  'NPZ, deflated': {
    inputs: [real('x', [4, 4])],
    targets: [classOf('k', 3)],
    data: setting('npz', {}, ['z']),
    files: { z: deflated },
    damaged: 'z',
  },
  'NPZ, stored': {
    inputs: [real('x', [4])],
    targets: [classOf('k', 3)],
    data: setting('npz', {}, ['z']),
    files: { z: stored },
    damaged: 'z',
    header: 60,
  },
  CSV: {
    inputs: [real('x', [3])],
    targets: [classOf('k', 2)],
    data: setting('csv', { target: 'k', categorical: 'c', missing: 'mean' }, ['t']),
    files: { t: 'a,c,k\n1,"x ",yes\n2,y,no\n,x,no\n-3e1,"y",yes\n' },
    damaged: 't',
  },
  'CIFAR-10': {
    inputs: [real('image', [3, 32, 32])],
    targets: [classOf('k', 10)],
    data: setting('cifar10'),
    files: Object.fromEntries(
      ['data_batch_1', 'data_batch_2', 'data_batch_3', 'data_batch_4', 'data_batch_5', 'test_batch'].map(
        (name) => [`cifar-10-batches-bin/${name}.bin`, cifarRecord],
      ),
    ),
    damaged: 'cifar-10-batches-bin/data_batch_5.bin',
    header: 1,
  },
  PNG: folderOf('1.png', pngFile(3, 3, cell), 3),
  'grey PNG': folderOf('1.png', pngFile(3, 3, cell, 0), 3),
  JPEG: folderOf('1.jpg', jpegFile(8, 8, cell), 8),
  Parquet: parquet(true, 'UNCOMPRESSED'),
  // the footer is the same; what is packed lies before it
  'Parquet in snappy': parquet(true, 'SNAPPY', 150),
  'Parquet in gzip': parquet(false, 'GZIP', 150),
  'Parquet in differences': differences,
};

/** Notes how large the arrays are that anybody in this process makes from now on, until `restore`. */
function watchArrays() {
  let largest = 0;
  const note = (bytes: number) => void (largest = Math.max(largest, bytes));
  const arrays = { ArrayBuffer, SharedArrayBuffer, Uint8Array, Uint16Array, Int32Array, Uint32Array };
  for (const [name, array] of Object.entries({ ...arrays, Float32Array, Float64Array })) {
    const watched = new Proxy(array, {
      construct(target, words: unknown[], made) {
        const { BYTES_PER_ELEMENT: bytes = 1 } = target as { BYTES_PER_ELEMENT?: number };
        if (typeof words[0] === 'number') note(words[0] * bytes);
        return Reflect.construct(target, words, made) as object;
      },
    });
    vi.stubGlobal(name, watched);
  }
  for (const name of ['alloc', 'allocUnsafe'] as const) {
    const make = Buffer[name].bind(Buffer);
    vi.spyOn(Buffer, name).mockImplementation((size: number) => {
      note(size);
      return make(size);
    });
  }
  const restore = () => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  };
  return { largest: () => largest, restore };
}

/** What of a file's damaged copies was read, and what refused; anything else is thrown. */
async function damage(reader: Reader) {
  const { folder, remove } = await folderWith(reader.files);
  cleanup.push(remove);
  const given = reader.files[reader.damaged] ?? '';
  const whole = typeof given === 'string' ? new TextEncoder().encode(given) : given;
  const outcomes = { cut: 0, flipped: 0, read: 0 };
  const attempt = async (bytes: Uint8Array, what: string): Promise<boolean> => {
    await writeFile(join(folder, reader.damaged), bytes);
    const found = await loadOrDiagnose(reader.data, reader, { folder }).catch((error: unknown) => {
      throw new Error(`${what}: ${String(error)}`, { cause: error });
    });
    if (!('code' in found)) return true;
    expect(found.code, what).toMatch(/^data\./);
    return false;
  };
  expect(await attempt(whole, 'whole')).toBe(true);
  for (let length = 0; length < whole.length; length++) {
    if (await attempt(whole.subarray(0, length), `cut at ${length}`)) outcomes.read++;
    else outcomes.cut++;
  }
  for (let bit = 0; bit < 8 * Math.min(whole.length, reader.header ?? Infinity); bit++) {
    const bytes = whole.slice();
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    if (await attempt(bytes, `bit ${bit & 7} of byte ${bit >> 3}`)) outcomes.read++;
    else outcomes.flipped++;
  }
  return outcomes;
}

describe('a damaged file', () => {
  // the time limit is against an endless loop alone
  it.each(Object.keys(readers))('of %s is read or refused', { timeout: 600_000 }, async (name) => {
    const reader = readers[name];
    if (!reader) throw new Error(name);
    const { largest, restore } = watchArrays();
    const { cut, flipped } = await damage(reader).finally(restore);
    // what no reader could take for whole: a file without its end, or with another form
    expect(cut).toBeGreaterThan(0);
    expect(flipped).toBeGreaterThan(0);
    // the files hold a few hundred bytes: what a damaged length asks for must not be taken at its word
    expect(largest(), 'bytes of the largest array').toBeLessThan(64 * 1024 ** 2);
    expect(largest()).toBeGreaterThan(0);
  });
});
