import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseIdx } from '../../../src/train/data/formats/idx.ts';
import type { DataArray } from '../../../src/train/data/prepare/raw-data.ts';
import { diagnosticOf, idxFile } from './files.ts';

const sample = idxFile([2, 2, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255]);

/** What the array is, or what is wrong: `path: reason`. */
async function parse(bytes: Uint8Array): Promise<DataArray | string> {
  try {
    return await parseIdx(bytes, 'file');
  } catch (error) {
    const { code, args } = diagnosticOf(error);
    expect(code).toBe('data.malformed');
    return String((args as { readonly reason?: string }).reason);
  }
}

describe('IDX', () => {
  it('is read plain and from gzip, without a copy of plain bytes', async () => {
    const expected = { shape: [2, 2, 3], values: Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255) };
    const plain = await parse(sample);
    expect(plain).toEqual(expected);
    expect(typeof plain === 'object' && plain.values.buffer).toBe(sample.buffer);
    expect(await parse(gzipSync(sample))).toEqual(expected);
  });

  it('is read from gzip that is far smaller than what it holds', async () => {
    const zeros = await parse(gzipSync(idxFile([4000, 1000], new Uint8Array(4_000_000))));
    expect(typeof zeros === 'object' && zeros.values.length).toBe(4_000_000);
  });

  it('takes every element type, big-endian', async () => {
    const of = async (type: number, bytes: readonly number[]) => {
      const size = new Map([[9, 1], [11, 2], [12, 4], [13, 4], [14, 8]]).get(type) ?? 1; // prettier-ignore
      const found = await parse(idxFile([bytes.length / size], bytes, type));
      return typeof found === 'string' ? found : [...found.values];
    };
    expect(await of(0x09, [255, 1])).toEqual([-1, 1]);
    expect(await of(0x0b, [255, 254, 1, 0])).toEqual([-2, 256]);
    expect(await of(0x0c, [0, 1, 0, 0])).toEqual([65536]);
    expect(await of(0x0d, [0x3f, 0xc0, 0, 0])).toEqual([1.5]);
    expect(await of(0x0e, [0xbf, 0xf8, 0, 0, 0, 0, 0, 0])).toEqual([-1.5]);
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'it is too short for a header'],
    ['a text', new TextEncoder().encode('label,pixel\n'), 'it does not begin as an IDX file does'],
    ['an unknown element type', idxFile([1], [1], 10), 'it does not begin as an IDX file does'],
    ['no dimensions', idxFile([], [1]), 'it claims 0 dimensions'],
    ['too many dimensions', idxFile(Array<number>(9).fill(1), [1]), 'it claims 9 dimensions'],
    ['an empty axis', idxFile([3, 0], []), 'it holds nothing: its shape is 3 × 0'],
    [
      'a product past 2^53',
      idxFile(Array<number>(3).fill(2 ** 31), []),
      `its shape, ${Array(3)
        .fill(2 ** 31)
        .join(' × ')}, is too large`,
    ],
    ['too few elements', idxFile([3, 2], [1, 2, 3]), 'its header, 3 × 2, makes 18 bytes, but it has 15'],
    ['too many elements', idxFile([2], [1, 2, 3]), 'its header, 2, makes 10 bytes, but it has 11'],
    ['gzip of a text', gzipSync('hello world'), 'it does not begin as an IDX file does'],
    ['gzip of too few', gzipSync(idxFile([30, 2], [1])), 'it has 13 bytes unpacked, not 72'],
    [
      'gzip of too many',
      gzipSync(idxFile([2], new Uint8Array(100_000))),
      'it has more than 10 bytes unpacked',
    ],
    [
      'gzip that claims more than it can hold',
      gzipSync(idxFile([2 ** 20, 1000], [1])),
      `its header claims ${2 ** 20 * 1000 + 12} bytes, more than ${gzipSync(idxFile([2 ** 20, 1000], [1])).length} bytes of gzip can hold`,
    ],
    [
      'gzip that claims more than is read',
      gzipSync(idxFile([2 ** 31, 100], [1])),
      `it would be ${2 ** 31 * 100 + 12} bytes unpacked, and at most ${2 ** 31 - 1} are read`,
    ],
  ])('with %s says so', async (_, bytes, reason) => {
    expect(await parse(bytes)).toBe(reason);
  });

  it('unpacks no bomb: memory stays bounded by what the header says', async () => {
    const bomb = gzipSync(idxFile([2], new Uint8Array(64 * 2 ** 20)));
    const before = process.memoryUsage().rss;
    expect(await parse(bomb)).toBe('it has more than 10 bytes unpacked');
    expect(process.memoryUsage().rss - before).toBeLessThan(32 * 2 ** 20);
  });

  const files: [string, Uint8Array][] = [
    ['plain', sample],
    ['gzip', gzipSync(sample)],
  ];
  it.each(files)('is rejected when cut anywhere: %s', async (_, bytes) => {
    for (let length = 0; length < bytes.length; length++) {
      expect(await parse(bytes.slice(0, length)), `cut to ${length} bytes`).toBeTypeOf('string');
    }
  });

  it.each(files)(
    'is rejected, or read as it was, with any bit of its header flipped: %s',
    async (_, bytes) => {
      const plain = bytes === sample;
      const expected = await parse(sample);
      const before = process.memoryUsage().rss;
      let read = 0;
      for (let bit = 0; bit < 8 * (plain ? 16 : bytes.length); bit++) {
        const flipped = Uint8Array.from(bytes);
        const at = Math.floor(bit / 8);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit % 8));
        const found = await parse(flipped);
        if (typeof found === 'string') continue;
        read++;
        // Signed bytes are as good.
        if (plain) expect(flipped[2]).toBe(9);
        else expect(found, `bit ${bit}`).toEqual(expected);
      }
      // Of gzip, what means nothing to the contents: time, system, text flag, and the bits that fill up the last byte.
      expect(read).toBeLessThan(plain ? 2 : 80);
      expect(process.memoryUsage().rss - before).toBeLessThan(256 * 2 ** 20);
    },
  );
});
