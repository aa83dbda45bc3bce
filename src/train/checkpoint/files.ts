// Writes a file so that its place always holds a whole one: a temporary file beside it, flushed to the disk, renamed over it, and
// the folder flushed, so that the new name outlives a loss of power. A failure on the way removes the temporary file.
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The operations it takes, apart, so that a test can fail each. */
export interface Files {
  open(path: string, flags: 'wx' | 'r'): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

export interface OpenFile {
  /** Writes some of the bytes, at least one, and says how many. */
  write(bytes: Uint8Array): Promise<number>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export const systemFiles: Files = {
  rename,
  unlink,
  async open(path, flags) {
    const handle = await open(path, flags);
    return {
      write: async (bytes) => (await handle.write(bytes)).bytesWritten,
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
};

/** What a killed process may leave behind; the next writing to the same place puts its own there. */
export function temporaryPath(path: string): string {
  return `${path}.partial`;
}

export async function writeWhole(path: string, bytes: Uint8Array, files: Files): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    // made anew: what lies there may be a link that leads to another file
    await files.unlink(temporary).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await withFile(files, temporary, 'wx', async (file) => {
      for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
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
