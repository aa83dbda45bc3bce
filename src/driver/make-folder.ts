// Makes folders one by one. Node's own recursive mkdir reports a folder on a read-only disk as one that does not exist, and never comes
// back where a parent exists but takes no children (below /proc, for one).
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * The folder, and those above it that are missing.
 * @throws the system error of the one that could not be made, with its path
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
      // another process may have been faster; what is no folder is an error
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !(await isFolder(folder))) throw error;
    }
  }
}

/** Whether there is a folder; false where nothing is. @throws where that cannot be known, or a part of the path is a file */
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
