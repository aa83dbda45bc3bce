// Where `.nn` text comes from on disk: the standard library in src/std, and imports relative to the importing file.
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { diagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';

const libraryFolder = join(dirname(fileURLToPath(import.meta.url)), '..', 'std');

/** The standard library's sources, in order of their names. */
export function readLibrary(): Source[] {
  return readdirSync(libraryFolder)
    .filter((name) => name.endsWith('.nn'))
    .sort()
    .map((name) => ({
      path: `std/${name}`,
      text: readFileSync(join(libraryFolder, name), 'utf8'),
      library: true,
    }));
}

/**
 * Reads what `import "path"` names: a `.nn` file below the importing file's folder, or a `.nn` file of an npm package that is
 * installed there. Symbolic links that lead out of that folder are refused.
 */
export function readImport(path: string, from: Source): Source | Diagnostic {
  const folder = dirname(resolve(from.path));
  try {
    const relativeImport =
      path.startsWith('../') ||
      path.startsWith('../') ||
      (path.endsWith('.nn') && !path.includes('node_modules'));
    const local = resolve(folder, path);
    if (isAbsolute(path) || (relativeImport && !contains(folder, local) && path.startsWith('.')))
      return outside(path);
    const found = relativeImport
      ? (readLocal(folder, local) ?? readPackage(folder, path))
      : readPackage(folder, path);
    if (found === 'outside') return outside(path);
    return { path: relative(process.cwd(), found.path) || found.path, text: found.text, library: false };
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read';
    return diagnostic('import.missing', undefined, { path, reason: reasons.get(reason) ?? reason });
  }
}

const reasons = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'permission is denied'],
  ['MODULE_NOT_FOUND', 'there is no such file, and no npm package of that name'],
  ['ERR_PACKAGE_PATH_NOT_EXPORTED', 'the package does not export it'],
]);

interface Found {
  readonly path: string;
  readonly text: string;
}

function readLocal(folder: string, path: string): Found | 'outside' | undefined {
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    return undefined;
  }
  return contains(realpathSync(folder), real) ? { path, text: readFileSync(path, 'utf8') } : 'outside';
}

function readPackage(folder: string, path: string): Found {
  if (path.startsWith('.')) throw Object.assign(new Error(path), { code: 'ENOENT' });
  const found = createRequire(join(folder, 'any.js')).resolve(path);
  if (!found.endsWith('.nn')) throw Object.assign(new Error(path), { code: 'MODULE_NOT_FOUND' });
  return { path: found, text: readFileSync(found, 'utf8') };
}

function contains(folder: string, path: string): boolean {
  const inner = relative(folder, path);
  return inner !== '' && inner !== '..' && !inner.startsWith(`..${sep}`) && !isAbsolute(inner);
}

function outside(path: string): Diagnostic {
  return diagnostic('import.outside', undefined, { path });
}
