// Data files must be in the folder of the `.nn` file or below it, or in the folder of --data-root. A path in a `.nn` file is resolved to
// a real path inside one of the two, with symbolic links followed and checked.
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fail } from '../../../diagnostics/diagnostic.ts';
import { suggest } from '../../../diagnostics/suggest.ts';

export interface DataRoots {
  /** Of the `.nn` file. */
  readonly folder: string;
  readonly dataRoot?: string;
}

/** An existing file or folder: `real` to open, `shown` for people. */
export interface FoundPath {
  readonly real: string;
  readonly shown: string;
  /** Its root, and the path relative to it. */
  readonly root: string;
  readonly path: string;
  readonly isFolder: boolean;
}

/** Searches the roots, the `.nn` file's folder before --data-root, for the path. */
export async function findData(path: string, roots: DataRoots): Promise<FoundPath> {
  const candidates = roots.dataRoot === undefined ? [roots.folder] : [roots.folder, roots.dataRoot];
  let outside: string | undefined;
  for (const root of candidates) {
    const target = resolve(root, path);
    if (!contains(resolve(root), target)) {
      outside ??= root;
      continue;
    }
    const found = await findInside(root, relative(resolve(root), target));
    if (found) return found;
  }
  if (outside !== undefined && candidates.every((root) => !contains(resolve(root), resolve(root, path)))) {
    fail('data.outside', undefined, { path, root: outside });
  }
  const entries = await readdir(join(roots.folder, dirname(path))).catch(() => []);
  const meant = suggest(basename(path), entries);
  const looked = candidates.map((root) => resolve(root, path)).join(' and ');
  return fail('data.file-missing', undefined, {
    path,
    help: `${meant === undefined ? '' : `Did you mean \`${join(dirname(path), meant)}\`? `}Looked for ${looked}. A path stands relative to the \`.nn\` file or to --data-root.`,
  });
}

/** The entry at a path below a root, or undefined; a symbolic link that leads out of the root is an error. */
export async function findInside(root: string, path: string): Promise<FoundPath | undefined> {
  const shown = join(root, path);
  const real = await realOf(shown);
  const realRoot = await realOf(root);
  if (real === undefined || realRoot === undefined) return undefined;
  if (!contains(realRoot, real)) fail('data.outside', undefined, { path: shown, root });
  return { real, shown, root, path, isFolder: (await stat(real)).isDirectory() };
}

async function realOf(path: string): Promise<string | undefined> {
  // Node throws a TypeError for such a path; for the user there is simply no such file.
  if (path.includes('\0')) return undefined;
  try {
    return await realpath(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined;
    throw error;
  }
}

function contains(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}
