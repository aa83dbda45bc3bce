// Writes files atomically: to a temporary file beside the target, which is flushed to disk and renamed over it, after which the folder is
// flushed, so that the new name survives a power failure. An error removes the temporary file.
import { lstat, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pieceBytes, piecesOf, type ByteSource } from './seal.ts';

/** The operations used, replaceable so that a test can make each fail. */
export interface Files {
  /** @param mode the permissions of a new file, whatever the process's mask */
  open(path: string, flags: 'wx' | 'r', mode?: number): Promise<OpenFile>;
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
  async open(path, flags, mode) {
    const handle = await open(path, flags);
    if (mode !== undefined)
      await handle.chmod(mode).catch(async (error: unknown) => {
        await handle.close();
        throw error;
      });
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

/**
 * A file that is there keeps its mode; a link is replaced, for whoever names a link's file resolves it (`placeToWrite`).
 * @param contents the complete file, or a function that writes it
 */
export async function writeWhole(
  path: string,
  contents: Uint8Array | ((writing: Writing) => Promise<void>),
  files: Files,
): Promise<void> {
  const temporary = temporaryPath(path);
  const mode = await modeOf(path);
  try {
    // created anew: an existing entry may be a link to another file
    await files.unlink(temporary).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
    const opened = () => files.open(temporary, 'wx', mode);
    await withFile(opened, async (file) => {
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
  if (process.platform !== 'win32')
    await withFile(
      () => files.open(dirname(path), 'r'),
      (folder) => folder.sync(),
    );
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

/** The permissions of an existing file. @throws where something stands there that a file must not replace */
async function modeOf(path: string): Promise<number | undefined> {
  const found = await lstat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
  if (!found || found.isSymbolicLink()) return undefined;
  if (found.isFile()) return found.mode & 0o777;
  const code = found.isDirectory() ? 'EISDIR' : 'ESPIPE';
  throw Object.assign(new Error(`${code}: ${path}`), { code, syscall: 'write', path });
}

async function withFile(
  opened: () => Promise<OpenFile>,
  work: (file: OpenFile) => Promise<void>,
): Promise<void> {
  const file = await opened();
  try {
    await work(file);
  } finally {
    await file.close();
  }
}
