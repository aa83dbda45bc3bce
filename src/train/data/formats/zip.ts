// The files in a ZIP archive, stored or deflated, by its central directory; enough for .npz. Every offset and size is checked
// against the archive's real length, and a file is unpacked to no more bytes than the directory says. A megabyte can claim to hold a
// gigabyte: memory for it is taken only when the file's beginning was found in order.
import { crc32, createInflateRaw } from 'node:zlib';
import { chunkSize, largestFile } from '../sources/read-file.ts';

export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  readonly packed: number;
  readonly unpacked: number;
  /** Of its local header. */
  readonly at: number;
}

/** What is wrong with an archive. */
export class ZipError extends Error {
  override name = 'ZipError';
}

const endSize = 22;
const longestComment = 65535;
const entrySize = 46;
const localSize = 30;
/** Of fields that do not hold their number, which then stands elsewhere. */
const tooLarge = 0xffffffff;
const largestRatio = 1032;

/** @throws ZipError */
export function zipEntries(file: Uint8Array): ReadonlyMap<string, ZipEntry> {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  const start = view.getUint32(end + 16, true);
  if (start === tooLarge || start + size > end) throw new ZipError('its directory does not lie within it');

  const entries = new Map<string, ZipEntry>();
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + entrySize > end || view.getUint32(at, true) !== 0x02014b50)
      throw new ZipError('its directory is broken');
    const nameEnd = at + entrySize + view.getUint16(at + 28, true);
    const next = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end) throw new ZipError('its directory is broken');
    const name = new TextDecoder().decode(file.subarray(at + entrySize, nameEnd));
    if (entries.has(name)) throw new ZipError(`it has ${name} twice`);
    if (view.getUint16(at + 8, true) & 1) throw new ZipError(`${name} is encrypted`);
    entries.set(name, {
      name,
      method: view.getUint16(at + 10, true),
      checksum: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      unpacked: view.getUint32(at + 24, true),
      at: view.getUint32(at + 42, true),
    });
    at = next;
  }
  return entries;
}

/** The record at the end, behind which only a comment may stand. */
function findEnd(view: DataView): number {
  const last = view.byteLength - endSize;
  for (let at = last; at >= Math.max(0, last - longestComment); at--) {
    if (
      view.getUint32(at, true) === 0x06054b50 &&
      at + endSize + view.getUint16(at + 20, true) === view.byteLength
    ) {
      return at;
    }
  }
  throw new ZipError('it does not end as a ZIP archive does');
}

/** What a file's beginning must hold. */
export interface StartCheck {
  /** How much of the beginning is looked at. */
  readonly bytes: number;
  /** Throws where a file that begins so and has `length` bytes is not wanted. */
  check(start: Uint8Array, length: number): void;
}

/**
 * The contents of one of the files.
 * @throws ZipError, and what `start` throws
 */
export async function unzip(file: Uint8Array, entry: ZipEntry, start: StartCheck): Promise<Uint8Array> {
  const { name, method, packed, unpacked, at } = entry;
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  if (at + localSize > file.length || view.getUint32(at, true) !== 0x04034b50) {
    throw new ZipError(`${name} is not where the directory says`);
  }
  const from = at + localSize + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  if (packed === tooLarge || from + packed > file.length)
    throw new ZipError(`${name} does not lie within it`);
  const contents = await unpack(file.subarray(from, from + packed), entry, start);
  if (contents.length !== unpacked || crc32(contents) !== entry.checksum) {
    throw new ZipError(
      `${name} is damaged: its checksum does not fit (${method === 0 ? 'stored' : 'deflated'})`,
    );
  }
  return contents;
}

async function unpack(bytes: Uint8Array, entry: ZipEntry, start: StartCheck): Promise<Uint8Array> {
  const { name, method, unpacked } = entry;
  if (method === 0) {
    start.check(bytes.subarray(0, start.bytes), bytes.length);
    return bytes;
  }
  if (method !== 8) throw new ZipError(`${name} is packed by method ${method}, which is not read`);
  if (unpacked > Math.min(largestFile, bytes.length * largestRatio)) {
    throw new ZipError(`${name} claims ${unpacked} bytes, more than ${bytes.length} packed ones can hold`);
  }
  return inflate(bytes, entry, start);
}

/** In pieces, into memory that is taken once, behind the check of the beginning. */
async function inflate(bytes: Uint8Array, { name, unpacked }: ZipEntry, start: StartCheck) {
  let contents = new Uint8Array(Math.min(unpacked, start.bytes));
  let filled = 0;
  const put = (piece: Uint8Array) => {
    contents.set(piece, filled);
    filled += piece.length;
    if (filled === Math.min(unpacked, start.bytes)) start.check(contents.subarray(0, filled), unpacked);
  };
  const stream = createInflateRaw({ chunkSize: chunkSize(unpacked) });
  stream.end(bytes);
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      const room = Math.min(unpacked, start.bytes) - filled;
      if (filled + chunk.length > unpacked) throw new ZipError(`${name} has more than ${unpacked} bytes`);
      if (room > 0) put(chunk.subarray(0, room));
      if (chunk.length <= Math.max(0, room)) continue;
      if (contents.length < unpacked) {
        const whole = new Uint8Array(unpacked);
        whole.set(contents);
        contents = whole;
      }
      put(chunk.subarray(Math.max(0, room)));
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE')
      throw new ZipError(`${name} cannot be unpacked: ${message}`);
    throw error;
  }
  return contents.subarray(0, filled);
}
