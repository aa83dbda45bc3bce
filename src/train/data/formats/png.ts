// Works around the PNG library: it refuses bytes after the end of an image, and turns pixels of the transparent color (the chunk tRNS of
// gray and RGB images) black; libpng, PIL and browsers ignore the former and keep the color of the latter.
import type { PNG } from 'pngjs';

/** The result of a scan over the chunks. */
interface Chunks {
  /** The end of the image: after IEND. */
  readonly end: number;
  /** The range of the chunk of the transparent color, if any. */
  readonly transparency?: readonly [from: number, to: number];
}

const typeIEND = 0x49454e44;
const typeTRNS = 0x74524e53;
const signatureBytes = 8;
/** Length, type and checksum, around a chunk's data. */
const chunkOverhead = 12;
const colorTypePlace = 25;

/** Undefined if the file is truncated. */
function chunksOf(bytes: Uint8Array): Chunks | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let transparency: readonly [number, number] | undefined;
  for (let at = signatureBytes; at + chunkOverhead <= bytes.length;) {
    const end = at + chunkOverhead + view.getUint32(at);
    if (end > bytes.length) return undefined;
    const type = view.getUint32(at + 4);
    if (type === typeIEND) return { end, ...(transparency && { transparency }) };
    if (type === typeTRNS) transparency ??= [at, end];
    at = end;
  }
  return undefined;
}

/**
 * RGBA, row by row; undefined if the file is truncated.
 * @param read the library's decoder
 * @throws the library's errors for a damaged image
 */
export function decodePng(bytes: Uint8Array, read: (typeof PNG)['sync']['read']): Uint8Array | undefined {
  const chunks = chunksOf(bytes);
  if (!chunks) return undefined;
  const { end, transparency } = chunks;
  const picture = Buffer.from(bytes.buffer, bytes.byteOffset, end);
  const colorType = bytes[colorTypePlace];
  const whole = plain(read(picture).data);
  if (!transparency || (colorType !== 0 && colorType !== 2)) return whole;
  // Colors from the image without the chunk, alpha from the image with it.
  const [from, to] = transparency;
  const pixels = plain(read(Buffer.concat([picture.subarray(0, from), picture.subarray(to)])).data);
  for (let i = 3; i < pixels.length; i += 4) pixels[i] = whole[i] ?? 255;
  return pixels;
}

function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
