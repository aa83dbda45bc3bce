import { describe, expect, it } from 'vitest';
import { checkPages, PageError, type ColumnChunk } from '../../../src/train/data/formats/parquet-pages.ts';

/** A field of Thrift's compact protocol: its distance from the one before, and a number. */
const number = (distance: number, value: number) => [(distance << 4) | 5, ...varint(2 * value)];
const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];

/** A page of values without missing ones: its header, then its bytes. */
function page(values: number, encoding: number, bytes: readonly number[], unpacked = bytes.length) {
  const about = [...number(1, values), ...number(1, encoding), ...number(1, 3), ...number(1, 3), 0];
  const header = [
    ...number(1, 0),
    ...number(1, unpacked),
    ...number(1, bytes.length),
    (2 << 4) | 12,
    ...about,
    0,
  ];
  return Uint8Array.from([...header, ...bytes]);
}

function check(file: Uint8Array, changed: Partial<ColumnChunk> = {}): string {
  const chunk = { start: 0, end: file.length, rows: 4, unpackedSize: 10_000, type: 'INT32', optional: false };
  try {
    checkPages(file, { ...chunk, ...changed }, (bytes) => bytes);
    return 'fine';
  } catch (error) {
    if (error instanceof PageError) return error.message;
    throw error;
  }
}

describe('a page', () => {
  it('may not claim other counts and sizes than its column', () => {
    const bytes = Array.from({ length: 16 }, () => 0);
    expect(check(page(4, 0, bytes))).toBe('fine');
    expect(check(page(3, 0, bytes))).toBe('it has 3 of 4 rows');
    expect(check(page(5, 0, bytes))).toBe('it has more rows than its footer says');
    expect(check(page(2 ** 30, 0, bytes))).toBe('it has more rows than its footer says');
    expect(check(page(4, 0, bytes, 2 ** 30))).toBe('its pages are larger than its footer says');
    expect(check(page(4, 0, bytes).subarray(0, 20))).toMatch(/does not lie within it/);
  });

  it('may not have runs that go past its values', () => {
    // levels: 4 bytes of length, then runs of one bit
    const runs = (...head: number[]) =>
      page(4, 0, [head.length + 1, 0, 0, 0, ...head, 1, ...Array<number>(16).fill(0)]);
    expect(check(runs(...varint(4 << 1)), { optional: true })).toBe('fine');
    expect(check(runs(...varint(5 << 1)), { optional: true })).toBe('a run is longer than the page');
    expect(check(runs(...varint(2 ** 29)), { optional: true })).toBe('a run is longer than the page');
    expect(check(runs(0), { optional: true })).toBe('it has an empty run');
    expect(check(page(4, 0, [255, 255, 255, 127]), { optional: true })).toBe('a page ends within its runs');
    const truths = (head: number) => page(4, 3, [2, 0, 0, 0, head, 1]);
    expect(check(truths(8), { type: 'BOOLEAN' })).toBe('fine');
    expect(check(truths(126), { type: 'BOOLEAN' })).toBe('a run is longer than the page');
    expect(check(truths(8))).toContain('not truth values');
    expect(check(page(4, 8, [1, 8, 1]))).toBe('it has no dictionary');
  });

  it('may not have texts that take over more than there is', () => {
    // blocks of 128 in 4 parts, 4 values, the first, then equal differences
    const texts = (first: number, difference: number) =>
      page(4, 7, [...varint(128), 4, 4, ...varint(2 * first), ...varint(2 * difference), 0, 0, 0, 0]);
    expect(check(texts(0, 1))).toBe('fine');
    expect(check(texts(0, 100_000))).toBe('its texts have impossible lengths');
    expect(check(texts(2 ** 30, 0))).toBe('its texts have impossible lengths');
    expect(check(page(4, 5, [0, 0]))).toBe('its blocks have an impossible size');
    expect(check(page(4, 7, [...varint(128), 4, 4, 0, 0, 40, 0, 0, 0]))).toBe(
      'a page ends within its blocks',
    );
  });
});
