// PNG files that other readers take: with bytes behind their end, and with a transparent color.
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../../src/diagnostics/diagnostic.ts';
import { decodePicture } from '../../../src/train/data/formats/picture-file.ts';
import { pngFile } from './pictures.ts';

/** The file with one more chunk before its pixels. */
function withChunk(file: Uint8Array, type: string, data: readonly number[]): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), Buffer.from(data)]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  const pixels = Buffer.from(file).indexOf('IDAT') - 4;
  return new Uint8Array(Buffer.concat([file.subarray(0, pixels), chunk, file.subarray(pixels)]));
}

const decoded = async (file: Uint8Array) => [...(await decodePicture(file, 'a.png')).data];
const white = (x: number) => (x === 0 ? ([255, 255, 255] as const) : ([20, 30, 40] as const));
const refusal = (file: Uint8Array) =>
  decodePicture(file, 'a.png').then(String, (error: unknown) =>
    error instanceof DiagnosticError
      ? JSON.stringify(error.diagnostics.map(({ args }) => args))
      : String(error),
  );

describe('a PNG file', () => {
  it.each([
    ['RGB', 2, [0, 255, 0, 255, 0, 255], [20, 30, 40, 255]],
    ['grey', 0, [0, 255], [30, 30, 30, 255]],
  ] as const)('keeps the color that is transparent: %s', async (_, colorType, key, other) => {
    const file = withChunk(pngFile(2, 1, white, colorType), 'tRNS', key);
    expect(await decoded(file)).toEqual([255, 255, 255, 0, ...other]);
  });

  it('ends where its picture does: what follows is not looked at', async () => {
    const file = pngFile(2, 1, white);
    const longer = new Uint8Array([...file, 1, 2, 3, ...file]);
    expect(await decoded(longer)).toEqual(await decoded(file));
  });

  it('says in its own words that it is cut off, or damaged', async () => {
    const file = pngFile(8, 8, white);
    for (const end of [40, file.length - 13, file.length - 1])
      expect(await refusal(file.subarray(0, end))).toContain('it ends before its picture does');
    const turned = file.map((byte, i) => (i === file.length - 20 ? byte ^ 255 : byte));
    expect(await refusal(turned)).toContain('its data is damaged');
  });
});
