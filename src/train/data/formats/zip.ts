// Reads a ZIP archive by its central directory, stored or deflated files; enough for .npz. Every offset and size is checked against the
// archive's real length, and no more bytes are decompressed than the directory says. A megabyte can claim to contain a gigabyte: memory
// is allocated only after the start of the file has been checked.
import { crc32, createInflateRaw } from 'node:zlib';
import { chunkSize, largestFile } from '../sources/read-file.ts';

export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  readonly packed: number;
  readonly unpacked: number;
  /** Offset of its local header. */
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
/** Marks a 32-bit field whose value is in a zip64 record instead. */
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

/** The end record; only a comment may follow it. */
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

/** A check of a file's start. */
export interface StartCheck {
  /** How many bytes of the start are checked. */
  readonly bytes: number;
  /** Throws if a file with this start and `length` is not wanted. */
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

/** Decompresses in pieces, into memory that is allocated once, after the check of the start. */
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
