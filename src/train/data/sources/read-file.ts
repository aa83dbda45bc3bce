// Reads a complete data file, and decompresses gzip within limits. A file that is too large, or no plain file, is a diagnostic before
// memory is allocated.
import { constants as files } from 'node:fs';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { constants, gunzip, gunzipSync } from 'node:zlib';
import { fail } from '../../../diagnostics/diagnostic.ts';
import type { FoundPath } from './paths.ts';

/** The largest file, compressed or decompressed. */
export const largestFile = 2 ** 31 - 1;

/** The maximum compression ratio of deflate. */
const largestRatio = 1032;

/** @param format that the file is read as, for messages */
export async function readData({ real, shown }: FoundPath, format: string): Promise<Uint8Array> {
  // Without this flag, opening a pipe or a terminal would block.
  const handle = await open(real, files.O_RDONLY | files.O_NONBLOCK);
  try {
    const status = await handle.stat();
    const malformed = (reason: string) => fail('data.malformed', undefined, { path: shown, format, reason });
    if (!status.isFile()) malformed('it is not a file');
    if (status.size > largestFile)
      malformed(`it has ${status.size} bytes, and at most ${largestFile} are read`);
    const bytes = new Uint8Array(status.size);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, filled);
      if (bytesRead === 0) malformed(`it ends after ${filled} of ${bytes.length} bytes`);
      filled += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

/** zlib's buffer size: its default of 16 KiB would split a large file into thousands of pieces. */
export function chunkSize(length: number): number {
  return Math.min(2 ** 20, Math.max(1024, length));
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The start of a gzip file's contents: some hundreds of bytes, unless there are fewer. */
export function gunzipStart(bytes: Uint8Array): Uint8Array {
  const start = bytes.subarray(0, 512);
  try {
    return gunzipSync(start, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: (start.length + 1) * largestRatio,
    });
  } catch {
    return new Uint8Array();
  }
}

/** The contents of a gzip file if they are `length` bytes long, or a text that describes the error. */
export async function gunzipExactly(bytes: Uint8Array, length: number): Promise<Uint8Array | string> {
  if (length > largestFile)
    return `it would be ${length} bytes unpacked, and at most ${largestFile} are read`;
  if (length > bytes.length * largestRatio) {
    return `its header claims ${length} bytes, more than ${bytes.length} bytes of gzip can hold`;
  }
  try {
    const contents = await promisify(gunzip)(bytes, {
      maxOutputLength: length,
      chunkSize: chunkSize(length),
    });
    if (contents.length === length) return new Uint8Array(contents.buffer, contents.byteOffset, length);
    return `it has ${contents.length} bytes unpacked, not ${length}`;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ERR_BUFFER_TOO_LARGE' ? `it has more than ${length} bytes unpacked` : `gzip: ${message}`;
  }
}
