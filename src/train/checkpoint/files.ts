// Writes a file so that its place always holds a whole one: a temporary file beside it, flushed to the disk, renamed over it, and
// the folder flushed, so that the new name outlives a loss of power. A failure on the way removes the temporary file.
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pieceBytes, piecesOf, type ByteSource } from './seal.ts';

/** The operations it takes, apart, so that a test can fail each. */
export interface Files {
  open(path: string, flags: 'wx' | 'r'): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

export interface OpenFile {
  /** Writes some of the bytes, at least one, and says how many: behind what was written, or at a position. */
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

/** What a killed process may leave behind; the next writing to the same place puts its own there. */
export function temporaryPath(path: string): string {
  return `${path}.partial`;
}

/** What a file's contents are written with. All bytes are written when a promise is settled. */
export interface Writing {
  /** Behind what was written. */
  append(bytes: Uint8Array): Promise<void>;
  /** Over what was written. */
  replace(bytes: Uint8Array, position: number): Promise<void>;
}

/** @param contents the whole file, or what writes it */
export async function writeWhole(
  path: string,
  contents: Uint8Array | ((writing: Writing) => Promise<void>),
  files: Files,
): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    // made anew: what lies there may be a link that leads to another file
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
    // The first failure is the one to report, whatever becomes of the clearing up.
    await files.unlink(temporary).catch(() => undefined);
    throw named(error, path);
  }
  // Windows does not open folders, and keeps names in its journal.
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

/** A file to read from at any place, to be closed by the caller. @throws a system error */
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

/** Of a write that fails the system does not say what it was to; a person wants to know. */
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
