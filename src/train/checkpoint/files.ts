// Writes files atomically: to a temporary file beside the target, which is flushed to disk and renamed over it, after which the folder is
// flushed, so that the new name survives a power failure. An error removes the temporary file.
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pieceBytes, piecesOf, type ByteSource } from './seal.ts';

/** The operations used, replaceable so that a test can make each fail. */
export interface Files {
  open(path: string, flags: 'wx' | 'r'): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

export interface OpenFile {
  /** Writes some of the bytes, at least one, at the end or at a position, and returns how many. */
  write(bytes: Uint8Array, position?: number): Promise<number>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export const systemFiles: Files = {
  rename,
  unlink,
  async open(path, flags) {
    const handle = await open(path, flags);
    return {
      write: async (bytes, position) =>
        (await handle.write(bytes, 0, bytes.length, position ?? null)).bytesWritten,
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
};

/** The file that a killed process may leave behind; the next write to the same path overwrites it. */
export function temporaryPath(path: string): string {
  return `${path}.partial`;
}

/** Writes a file's contents. All bytes are written when a promise resolves. */
export interface Writing {
  /** At the end of the file. */
  append(bytes: Uint8Array): Promise<void>;
  /** Overwrites at a position. */
  replace(bytes: Uint8Array, position: number): Promise<void>;
}

/** @param contents the complete file, or a function that writes it */
export async function writeWhole(
  path: string,
  contents: Uint8Array | ((writing: Writing) => Promise<void>),
  files: Files,
): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    // created anew: an existing entry may be a link to another file
    await files.unlink(temporary).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
    await withFile(files, temporary, 'wx', async (file) => {
      const writing = writingTo(file);
      await (contents instanceof Uint8Array ? writing.append(contents) : contents(writing));
      await file.sync();
    });
    await files.rename(temporary, path);
  } catch (error) {
    // The first error is reported, whether or not the cleanup fails.
    await files.unlink(temporary).catch(() => undefined);
    throw named(error, path);
  }
  // Windows cannot open folders, and journals names itself.
  if (process.platform !== 'win32') await withFile(files, dirname(path), 'r', (folder) => folder.sync());
}

function writingTo(file: OpenFile): Writing {
  const all = async (bytes: Uint8Array, position?: number) => {
    for (const piece of piecesOf(bytes)) {
      for (let written = 0; written < piece.length;)
        written += await file.write(
          piece.subarray(written),
          ...(position === undefined ? [] : [position + written]),
        );
      if (position !== undefined) position += piece.length;
    }
  };
  return { append: (bytes) => all(bytes), replace: all };
}

/** Opens a file for random access; the caller closes it. @throws a system error */
export async function openSource(
  path: string,
): Promise<ByteSource & { readonly close: () => Promise<void> }> {
  const handle = await open(path, 'r');
  try {
    const found = await handle.stat();
    if (found.isDirectory()) throw Object.assign(new Error(`${path} is a folder`), { code: 'EISDIR', path });
    return {
      length: found.size,
      close: () => handle.close(),
      async read(position, length) {
        const bytes = new Uint8Array(length);
        for (let done = 0; done < length;) {
          const most = Math.min(pieceBytes, length - done);
          const { bytesRead } = await handle.read(bytes, done, most, position + done);
          if (bytesRead === 0)
            throw Object.assign(new Error(`${path} has become shorter`), { code: 'EIO', path });
          done += bytesRead;
        }
        return bytes;
      },
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Adds the path to a failed write's error: the system does not include it. */
function named(error: unknown, path: string): unknown {
  return error instanceof Error && 'code' in error && !('path' in error)
    ? Object.assign(error, { path })
    : error;
}

async function withFile(
  files: Files,
  path: string,
  flags: 'wx' | 'r',
  work: (file: OpenFile) => Promise<void>,
): Promise<void> {
  const file = await files.open(path, flags);
  try {
    await work(file);
  } finally {
    await file.close();
  }
}
