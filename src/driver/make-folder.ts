// Makes folders one by one. Node's own recursive mkdir reports a folder on a read-only disk as missing, and never returns if a parent
// exists but accepts no children (below /proc, for one).
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes the folder and its missing parents.
 * @throws the system error of the folder that could not be made, with its path
 */
export async function makeFolder(path: string): Promise<void> {
  const missing: string[] = [];
  for (let at = resolve(path); !(await isFolder(at)); at = dirname(at)) {
    missing.unshift(at);
    if (at === dirname(at)) break;
  }
  for (const folder of missing) {
    try {
      await mkdir(folder);
    } catch (error) {
      // another process may have been faster; anything but a folder is an error
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !(await isFolder(folder))) throw error;
    }
  }
}

/** Whether there is a folder; false where nothing exists. @throws where that cannot be determined, or a parent is a file */
async function isFolder(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return true;
    throw Object.assign(new Error(`EEXIST: ${path} is no folder`), {
      code: 'EEXIST',
      syscall: 'mkdir',
      path,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
