// Decodes PNG and JPEG files to bytes. Sizes are read from the header and checked before a decoder allocates memory.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { DiagnosticError, fail } from '../../../diagnostics/diagnostic.ts';
import type { Picture } from './picture.ts';
import { decodePng } from './png.ts';

/** Maximum bytes of a file, and pixels of an image. */
const largestFile = 2 ** 26;
export const mostPixels = 2 ** 24;

export interface PictureHeader {
  readonly format: 'PNG' | 'JPEG';
  readonly width: number;
  readonly height: number;
  /** Whether it is grayscale. */
  readonly grey: boolean;
}

/**
 * The bytes of a file that is no symbolic link.
 * @throws DiagnosticError for anything else, or a file too large for an image
 */
export function readPictureFile(real: string, path: string): Uint8Array {
  // Opening a pipe would block; a symbolic link put there meanwhile is not followed.
  const file = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const status = fstatSync(file);
    if (!status.isFile()) malformed(path, 'it is not a file');
    if (status.size > largestFile)
      malformed(path, `it has ${status.size} bytes, and at most ${largestFile} are read`);
    const bytes = new Uint8Array(status.size);
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(file, bytes, filled, bytes.length - filled, filled);
      if (count === 0) malformed(path, `it ends after ${filled} of ${bytes.length} bytes`);
      filled += count;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}

/** @throws DiagnosticError when the bytes are neither PNG nor JPEG, or the image is too large */
export function pictureHeader(bytes: Uint8Array, path: string): PictureHeader {
  const header = pngHeader(bytes, path) ?? jpegHeader(bytes, path);
  if (!header) return malformed(path, 'it begins neither as PNG nor as JPEG');
  const { width, height } = header;
  if (width === 0 || height === 0) malformed(path, `it has ${width} × ${height} pixels`);
  if (width * height > mostPixels)
    malformed(path, `it has ${width} × ${height} pixels, and at most ${mostPixels} are read`);
  return header;
}

const pngStart = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

function pngHeader(bytes: Uint8Array, path: string): PictureHeader | undefined {
  if (!pngStart.every((byte, i) => bytes[i] === byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 33 || view.getUint32(8) !== 13 || view.getUint32(12) !== 0x49484452)
    return malformed(path, 'it does not begin with its header', 'PNG');
  const kind = view.getUint8(25);
  return {
    format: 'PNG',
    width: view.getUint32(16),
    height: view.getUint32(20),
    grey: kind === 0 || kind === 4,
  };
}

/** Scans the JPEG markers up to the frame header. */
function jpegHeader(bytes: Uint8Array, path: string): PictureHeader | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) break;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame && at + 10 <= bytes.length) {
      if (marker > 0xc2) malformed(path, 'it is packed in a way that is not read', 'JPEG');
      return {
        format: 'JPEG',
        height: ((bytes[at + 5] ?? 0) << 8) | (bytes[at + 6] ?? 0),
        width: ((bytes[at + 7] ?? 0) << 8) | (bytes[at + 8] ?? 0),
        grey: bytes[at + 9] === 1,
      };
    }
    if (marker === 0xda || marker === 0xd9 || length < 2) break;
    at += 2 + length;
  }
  return malformed(path, 'it has no header of a frame', 'JPEG');
}

/** Decodes images; created once, so that the libraries are loaded once. */
export type Decode = (bytes: Uint8Array, path: string) => Picture;

/** The result of `decoder` throws a DiagnosticError for an incomplete or invalid image. */
export async function decoder(): Promise<Decode> {
  const [{ PNG }, { default: jpeg }] = await Promise.all([import('pngjs'), import('jpeg-js')]);
  return (bytes, path) => {
    const { format, width, height } = pictureHeader(bytes, path);
    try {
      if (format === 'PNG') {
        const data = decodePng(bytes, PNG.sync.read);
        if (!data) return malformed(path, cutOff, format);
        return checked({ width, height, channels: 4, data }, path, format);
      }
      if (!endsAsJpeg(bytes)) malformed(path, cutOff, format);
      const found = jpeg.decode(bytes, {
        useTArray: true,
        formatAsRGBA: false,
        tolerantDecoding: false,
        maxResolutionInMP: (mostPixels / 1e6) * 1.01,
        maxMemoryUsageInMB: 1024,
      });
      if (found.width !== width || found.height !== height)
        malformed(path, 'it has frames of several sizes', format);
      return checked({ width, height, channels: 3, data: found.data }, path, format);
    } catch (error) {
      if (error instanceof DiagnosticError) throw error;
      // A library's message about bytes means nothing to the owner of an image.
      return malformed(path, 'its data is damaged', format);
    }
  };
}

const cutOff = 'it ends before its picture does';

/** Decodes a single image. */
export async function decodePicture(bytes: Uint8Array, path: string): Promise<Picture> {
  return (await decoder())(bytes, path);
}

/** The decoder fills missing data with zeros, so a truncated file must be detected here. */
function endsAsJpeg(bytes: Uint8Array): boolean {
  for (let at = bytes.length - 2; at >= 2; at--) {
    if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return true;
  }
  return false;
}

function checked(picture: Picture, path: string, format: string): Picture {
  const { width, height, channels, data } = picture;
  if (data.length !== width * height * channels)
    malformed(path, 'its size is not that of its header', format);
  return picture;
}

function malformed(path: string, reason: string, format = 'a picture'): never {
  return fail('data.malformed', undefined, { path, format, reason });
}
