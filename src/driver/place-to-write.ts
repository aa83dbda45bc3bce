// What stands at a path that is to be written. Bytes for a link go to the file that it leads to; a file keeps its mode; a pipe or a device
// takes the bytes as they come, and is never replaced.
import { lstat, readlink, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

export type PlaceToWrite =
  /** A plain file, with its permissions, or nothing yet. The path is no link. */
  | { readonly kind: 'file'; readonly path: string; readonly mode?: number }
  /** A pipe, a device, or a file that a process has open (`/proc/self/fd/1`). */
  | { readonly kind: 'stream'; readonly path: string };

/** As many as Linux follows. */
const mostLinks = 40;

/** @throws a system error for a folder, for links in a circle, and where the path cannot be looked at */
export async function placeToWrite(path: string): Promise<PlaceToWrite> {
  let at = path;
  for (let links = 0; links <= mostLinks; links++) {
    const found = await lstat(at).catch(unlessMissing);
    if (!found) return { kind: 'file', path: at };
    if (found.isFile()) return { kind: 'file', path: at, mode: found.mode & 0o777 };
    if (found.isDirectory()) throw systemError('EISDIR', path);
    if (!found.isSymbolicLink()) return { kind: 'stream', path: at };
    const folder = await realpath(dirname(at));
    // such a link leads to an open file, whatever its text says
    if (folder.startsWith('/proc/')) return { kind: 'stream', path: at };
    at = resolve(folder, await readlink(at));
  }
  throw systemError('ELOOP', path);
}

function unlessMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code, syscall: 'write', path });
}
