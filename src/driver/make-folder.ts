// Makes folders one by one. Node's own recursive mkdir reports a folder on a read-only disk as missing, and never returns if a parent
// exists but accepts no children (below /proc, for one): it is called nowhere else.
import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes the folder and its missing parents.
 * @param mode the permissions of folders that are made
 * @throws the system error of the folder that could not be made, with its path
 */
export function makeFolderSync(path: string, mode?: number): void {
  const missing: string[] = [];
  for (let at = resolve(path); !isFolder(at); at = dirname(at)) {
    missing.unshift(at);
    if (at === dirname(at)) break;
  }
  for (const folder of missing) {
    try {
      mkdirSync(folder, { ...(mode !== undefined && { mode }) });
    } catch (error) {
      // another process may have been faster; anything but a folder is an error
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isFolder(folder)) throw error;
    }
  }
}

/** The same; its errors reject the promise. */
export function makeFolder(path: string, mode?: number): Promise<void> {
  return new Promise((made) => made(makeFolderSync(path, mode)));
}

/** Whether there is a folder; false where nothing exists. @throws where that cannot be determined, or a parent is a file */
function isFolder(path: string): boolean {
  try {
    if (statSync(path).isDirectory()) return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  throw Object.assign(new Error(`EEXIST: ${path} is no folder`), { code: 'EEXIST', syscall: 'mkdir', path });
}
