import { afterEach, describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../../src/diagnostics/diagnostic.ts';
import type { DataSetting, Port } from '../../../src/runtime/specification.ts';
import { slice } from '../../../src/train/data/feed/batches.ts';
import { deflateRawSync } from 'node:zlib';
import type { Dataset } from '../../../src/train/data/dataset.ts';
import { checkNpyStart, npyHeaderBytes, parseNpy } from '../../../src/train/data/formats/npy.ts';
import type { DataArray } from '../../../src/train/data/prepare/raw-data.ts';
import { unzip, zipEntries, ZipError, type StartCheck } from '../../../src/train/data/formats/zip.ts';
import { classOf, diagnosticOf, folderWith, loadOrDiagnose, real, setting } from './files.ts';
import { deflated, floats, stored } from './numpy-files.ts';

/** A NPY file of a header and elements. */
function npyFile(header: string, bytes: ArrayLike<number>, version = 1): Uint8Array {
  const text = new TextEncoder().encode(header);
  const start = version === 1 ? 10 : 12;
  const file = new Uint8Array(start + text.length + bytes.length);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  new DataView(file.buffer).setUint16(8, text.length, true);
  file.set(text, start);
  file.set(Uint8Array.from(bytes), start + text.length);
  return file;
}

const header = (type: string, shape: string) =>
  `{'descr': '${type}', 'fortran_order': False, 'shape': ${shape}, }\n`;

function parse(file: Uint8Array): DataArray | string {
  try {
    return parseNpy(file, 'file');
  } catch (error) {
    const { code, args } = diagnosticOf(error);
    expect(code).toBe('data.malformed');
    return String((args as { readonly reason?: string }).reason);
  }
}

describe('NPY', () => {
  it('is read as NumPy wrote it', () => {
    expect(parse(floats)).toEqual({
      shape: [3, 4],
      values: Float32Array.from({ length: 12 }, (_, i) => i / 2),
    });
  });

  it('takes every number type, either way round, in every version', () => {
    const of = (type: string, bytes: readonly number[], version = 1) => {
      const found = parse(
        npyFile(header(type, `(${bytes.length / Number(type.slice(2))},)`), bytes, version),
      );
      return typeof found === 'string' ? found : [...found.values];
    };
    expect(of('|u1', [0, 255])).toEqual([0, 255]);
    expect(of('|b1', [0, 1])).toEqual([0, 1]);
    expect(of('|i1', [255])).toEqual([-1]);
    expect(of('<i2', [0, 1])).toEqual([256]);
    expect(of('>i2', [0, 1], 2)).toEqual([1]);
    expect(of('<u2', [255, 255], 3)).toEqual([65535]);
    expect(of('<i4', [255, 255, 255, 255])).toEqual([-1]);
    expect(of('>u4', [0, 0, 1, 0])).toEqual([256]);
    expect(of('<i8', [5, 0, 0, 0, 0, 0, 0, 0])).toEqual([5]);
    expect(of('<u8', [0, 0, 0, 0, 0, 0, 0, 128])).toEqual([2 ** 63]);
    expect(of('>f4', [0x3f, 0xc0, 0, 0])).toEqual([1.5]);
    expect(of('<f8', [0, 0, 0, 0, 0, 0, 0xf8, 0x3f])).toEqual([1.5]);
  });

  it('takes half floats, the ends of their range included', () => {
    // np.array([1, -2, 65504, 2**-24, 2**-14, np.inf, -0.0], dtype="<f2")
    const bytes = [0, 0x3c, 0, 0xc0, 0xff, 0x7b, 1, 0, 0, 4, 0, 0x7c, 0, 0x80];
    const found = parse(npyFile(header('<f2', '(7,)'), bytes));
    expect(found).toEqual({
      shape: [7],
      values: Float32Array.of(1, -2, 65504, 2 ** -24, 2 ** -14, Infinity, -0),
    });
  });

  it('is brought into row-major order where its first index runs fastest', () => {
    const inFortran = (type: string, shape: string, bytes: readonly number[]) =>
      parse(npyFile(header(type, shape).replace('False', 'True'), bytes));
    // np.arange(6).reshape(2, 3) and np.arange(12).reshape(2, 3, 2), np.asfortranarray
    expect(inFortran('|u1', '(2, 3)', [0, 3, 1, 4, 2, 5])).toEqual({
      shape: [2, 3],
      values: Uint8Array.of(0, 1, 2, 3, 4, 5),
    });
    expect(inFortran('|i1', '(2, 3, 2)', [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11])).toEqual({
      shape: [2, 3, 2],
      values: Float32Array.from({ length: 12 }, (_, i) => i),
    });
  });

  it('keeps the digits that float32 has no room for', () => {
    const bytes = new Uint8Array(Float64Array.of(1.7e9 + 1, 1.7e9 + 2).buffer);
    expect(parse(npyFile(header('<f8', '(2,)'), [...bytes]))).toEqual({
      shape: [2],
      values: Float64Array.of(1.7e9 + 1, 1.7e9 + 2),
    });
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'it does not begin as a NPY file does'],
    ['another version', npyFile(header('|u1', '(1,)'), [1], 4), 'its version is 4'],
    ['objects', npyFile(header('|O8', '(1,)'), [1]), "its elements are '|O8', not numbers that are read"],
    [
      'complex numbers',
      npyFile(header('<c8', '(1,)'), [1]),
      "its elements are '<c8', not numbers that are read",
    ],
    [
      'records',
      npyFile("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", [1]),
      'its header is broken',
    ],
    ['a number', npyFile(header('|u1', '()'), [1]), 'it has 0 dimensions'],
    ['nine axes', npyFile(header('|u1', '(1, 1, 1, 1, 1, 1, 1, 1, 1)'), [1]), 'it has 9 dimensions'],
    ['an empty axis', npyFile(header('|u1', '(0, 3)'), []), 'it holds nothing: its shape is 0 × 3'],
    ['a shape that is none', npyFile(header('|u1', '(1, x)'), [1]), 'its header is broken'],
    ['a key twice', npyFile("{'shape': (1,), 'shape': (1,)}", [1]), 'its header is broken'],
    ['code', npyFile("{'descr': __import__('os')}", [1]), 'its header is broken'],
    [
      'too few elements',
      npyFile(header('<f4', '(2,)'), [1, 2, 3, 4]),
      'its shape, 2, makes 76 bytes, but it has 72',
    ],
    [
      'a huge shape',
      npyFile(header('<f4', '(99999999999, 99999999999)'), [1]),
      'its shape, 99999999999 × 99999999999, is too large',
    ],
  ])('with %s says so', (_, file, reason) => {
    expect(parse(file)).toBe(reason);
  });

  it('is rejected when cut anywhere, and read or rejected with any bit of its header flipped', () => {
    for (let length = 0; length < floats.length; length++)
      expect(parse(floats.slice(0, length))).toBeTypeOf('string');
    for (let bit = 0; bit < 8 * 128; bit++) {
      const flipped = floats.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const found = parse(flipped);
      // Another type of as many bytes, or another way round, is as good.
      if (typeof found !== 'string') expect(found.values.length).toBe(12);
    }
  });

  it('takes time in proportion to its header', () => {
    const long = npyFile(`{'descr': '|u1',${' '.repeat(60_000)}`, [1]);
    expect(parse(long)).toBe('its header is broken');
  });
});

const files = [
  ['deflated', deflated],
  ['stored', stored],
] as const;

const anything = { bytes: 8, check: () => undefined };

describe('ZIP', () => {
  it('is not unpacked behind a beginning that is refused', async () => {
    const beginning = npyFile(header('<f4', '(2, 3)'), []);
    const large = new Uint8Array(2 ** 24);
    large.set(beginning);
    const packed = new Uint8Array(deflateRawSync(large));
    // The local header, the packed bytes; the checksum is wrong, so that whoever unpacked all of it would say so.
    const archive = new Uint8Array([0x50, 0x4b, 3, 4, ...new Uint8Array(26), ...packed]);
    const entry = {
      ...{ name: 'x.npy', method: 8, checksum: 1, packed: packed.length, unpacked: large.length, at: 0 },
    };
    const seen: number[] = [];
    const start: StartCheck = {
      bytes: npyHeaderBytes,
      check(bytes, length) {
        seen.push(bytes.length, length);
        checkNpyStart(bytes, length, 'x.npy');
      },
    };
    const refused = await unzip(archive, entry, start).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DiagnosticError);
    expect((refused as DiagnosticError).diagnostics[0]?.args).toMatchObject({
      reason: `its shape, 2 × 3, makes ${beginning.length + 24} bytes, but it has ${large.length}`,
    });
    expect(seen).toEqual([npyHeaderBytes, large.length]);
    await expect(unzip(archive, entry, anything)).rejects.toThrow('its checksum does not fit');
    await expect(unzip(archive, { ...entry, unpacked: 2 ** 20 }, anything)).rejects.toThrow(
      'more than 1048576',
    );
  });

  it.each(files)(
    'is rejected when cut anywhere, and read as it was or rejected with any bit flipped: %s',
    async (_, archive) => {
      const contents = async (bytes: Uint8Array): Promise<unknown> => {
        try {
          const entries = zipEntries(bytes);
          return new Map(
            await Promise.all(
              [...entries].map(async ([name, entry]) => [name, await unzip(bytes, entry, anything)] as const),
            ),
          );
        } catch (error) {
          if (error instanceof ZipError) return undefined;
          throw error;
        }
      };
      const whole = await contents(archive);
      expect(whole).toBeInstanceOf(Map);
      for (let length = 0; length < archive.length; length++)
        expect(await contents(archive.slice(0, length))).toBeUndefined();
      for (let bit = 0; bit < 8 * archive.length; bit++) {
        const flipped = archive.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const found = await contents(flipped);
        if (!(found instanceof Map)) continue;
        // A name may have changed, and the count of entries; what is in a file may not.
        const known = [...(whole as Map<string, Uint8Array>).values()].map((file) =>
          Buffer.from(file).toString('hex'),
        );
        for (const file of found.values())
          expect(known).toContain(Buffer.from(file as Uint8Array).toString('hex'));
      }
    },
  );
});

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const remove of cleanup.splice(0)) await remove();
});

describe('sources', () => {
  const kinds = classOf('k', 3);
  type Model = { readonly inputs: readonly Port[]; readonly targets: readonly Port[] };

  async function load(data: DataSetting, model: Model): Promise<Dataset | string> {
    const { folder, remove } = await folderWith({
      'x.npy': floats,
      'k.npy': npyFile(header('|u1', '(3,)'), [0, 2, 1]),
      'k2.npy': npyFile(header('|u1', '(2,)'), [0, 2]),
      'deflated.npz': deflated,
      'stored.npz': stored,
      'broken.npz': stored.slice(0, -1),
    });
    cleanup.push(remove);
    const found = await loadOrDiagnose(data, model, { folder });
    return 'code' in found ? Object.values(found.args).join(' | ').replaceAll(folder, 'DIR') : found;
  }
  const columns = async (data: DataSetting, model: Model) => {
    const found = await load(data, model);
    if (typeof found === 'string') return found;
    return Object.entries(slice(found.train, 0, found.train.count)).map(([name, values]) => [
      name,
      ...values,
    ]);
  };

  it('give the arrays of an archive by name', async () => {
    const pictures = { inputs: [real('x', [1, 4, 4])], targets: [kinds] };
    expect(await columns(setting('npz', {}, ['deflated.npz']), pictures)).toEqual([
      ['x', ...Array.from({ length: 48 }, (_, i) => i)],
      ['k', 0, 2, 1],
    ]);
    const found = await load(
      setting('npz', { file: 'deflated.npz', augment: ['flip'], test: 0.3 }),
      pictures,
    );
    expect(typeof found === 'object' && [found.train.count, found.test?.count]).toEqual([2, 1]);
  });

  it('give single files in the order of the ports', async () => {
    const rows = { inputs: [real('features', [4])], targets: [kinds] };
    const named = { inputs: 'x.npy', targets: ['k.npy'] };
    expect(await columns(setting('npy', named), rows)).toEqual([
      ['features', ...Array.from({ length: 12 }, (_, i) => i / 2)],
      ['k', 0, 2, 1],
    ]);
    const found = await load(
      setting('npy', { ...named, test_inputs: 'x.npy', test_targets: 'k.npy', normalize: true }),
      rows,
    );
    expect(typeof found === 'object' && found.normalization.get('features')?.mean).toEqual([2, 2.5, 3, 3.5]);
    expect(typeof found === 'object' && found.test?.count).toBe(3);
  });

  it('say what does not fit', async () => {
    const rows = { inputs: [real('x', [4])], targets: [kinds] };
    expect(await load(setting('npz', {}, ['stored.npz']), { inputs: [real('y', [4])], targets: [] })).toBe(
      "DIR/stored.npz | NPZ | it has no array for the model's input `y`; it has x, k",
    );
    expect(await load(setting('npz', {}, ['broken.npz']), rows)).toBe(
      'DIR/broken.npz | NPZ | it does not end as a ZIP archive does',
    );
    expect(await load(setting('npz', { test: 'deflated.npz' }, ['stored.npz']), rows)).toBe(
      "DIR/deflated.npz, x.npy | NPY | its examples are [4, 4], and the training part's [4]",
    );
    expect(await load(setting('npy', { inputs: 'x.npy' }), rows)).toBe(
      'npy | targets | 1 files, one for each target (k) | 0',
    );
    expect(await load(setting('npy', { inputs: 'x.npy', targets: 'k2.npy' }), rows)).toBe(
      'DIR/k2.npy | NPY | it has 2 examples, and DIR/x.npy 3',
    );
    expect(
      await load(setting('npy', { inputs: 'x.npy', targets: 'k.npy' }), {
        ...rows,
        targets: [classOf('k', 2)],
      }),
    ).toBe('DIR/k.npy | 2 | 2 | whole numbers from 0 to 1');
    expect(await load(setting('npy', { inputs: 'x.npy', targets: 'k.npy', augment: ['flip'] }), rows)).toBe(
      'npy | augment | pictures of bytes, [H, W] or [C, H, W], for an input | other data',
    );
    const picture = { inputs: [real('x', [2, 2])], targets: [kinds] };
    expect(await columns(setting('npy', { inputs: 'x.npy', targets: 'k.npy' }), picture)).toHaveLength(2);
  });
});
