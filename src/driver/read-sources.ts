// Reads `.nn` text from disk: the standard library in src/std, and imports relative to the importing file.
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { diagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { sourceLimit, type Source } from '../diagnostics/source.ts';

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
 * Reads the file of `import "path"`: a `.nn` file below the importing file's folder, or in an npm package installed there. Files outside
 * of that folder or package are refused, also behind symbolic links.
 */
export function readImport(path: string, from: Source): Source | Diagnostic {
  const folder = dirname(resolve(from.path));
  try {
    const found = findImport(path, folder);
    if (found === 'outside') return diagnostic('import.outside', undefined, { path });
    const shown = relative(process.cwd(), found.path) || found.path;
    const text = readPlainFile(found.real);
    if (typeof text === 'number')
      return diagnostic('source.too-large', undefined, { path: shown, size: text });
    return { path: shown, text, library: false };
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read';
    return diagnostic('import.missing', undefined, { path, reason: reasons.get(reason) ?? reason });
  }
}

const reasons = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'permission is denied'],
  ['ELOOP', 'its symbolic links lead nowhere'],
  ['ENXIO', 'it is not a file'],
  ['NO_FILE', 'it is not a file'],
  ['MODULE_NOT_FOUND', 'there is no such file, and no npm package of that name'],
  ['ERR_PACKAGE_PATH_NOT_EXPORTED', 'the package does not export it'],
]);

/** The text of a file that is no symbolic link, or its size in bytes where that exceeds the limit for a source. */
export function readPlainFile(real: string): string | number {
  // Opening a pipe would block; a symbolic link put there meanwhile is not followed.
  const file = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const status = fstatSync(file);
    if (status.isDirectory()) throw failure('EISDIR');
    if (!status.isFile()) throw failure('NO_FILE');
    if (status.size > sourceLimit) return status.size;
    // One byte more than the file's stated size: it may grow, or state none (in /proc).
    const bytes = new Uint8Array(sourceLimit + 1);
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(file, bytes, filled, Math.min(bytes.length - filled, 65_536), null);
      if (count === 0) return new TextDecoder().decode(bytes.subarray(0, filled));
      filled += count;
    }
    return filled;
  } finally {
    closeSync(file);
  }
}

interface Found {
  /** `path` is for messages; `real` has its symbolic links resolved, for opening. */
  readonly path: string;
  readonly real: string;
}

function findImport(path: string, folder: string): Found | 'outside' {
  if (isAbsolute(path)) return 'outside';
  const explicit = path.startsWith('./') || path.startsWith('../');
  const local = resolve(folder, path);
  if (explicit && !contains(folder, local)) return 'outside';
  const beside = explicit || (path.endsWith('.nn') && !path.includes('node_modules'));
  return (beside ? findBelow(folder, local) : undefined) ?? findInPackage(folder, path);
}

function findBelow(folder: string, path: string): Found | 'outside' | undefined {
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    return undefined;
  }
  return contains(realpathSync(folder), real) ? { path, real } : 'outside';
}

/** `name/path.nn` or `@scope/name/path.nn`, where Node finds packages from a folder. */
function findInPackage(folder: string, path: string): Found | 'outside' {
  const parts = path.split(/[\\/]/);
  if (path.startsWith('.')) throw failure('ENOENT');
  if (parts.includes('..')) return 'outside';
  const require = createRequire(join(folder, 'any.js'));
  const found = require.resolve(path);
  if (!found.endsWith('.nn')) throw failure('MODULE_NOT_FOUND');
  const name = parts.slice(0, path.startsWith('@') ? 2 : 1).join('/');
  const packages = (require.resolve.paths(path) ?? []).map((place) => join(place, name));
  // A package may name itself: then its files are beside the importing package's package.json.
  const homes = [...packages, packageOf(folder)].flatMap((home) => realOf(home) ?? []);
  const real = realpathSync(found);
  return homes.some((home) => contains(home, real)) ? { path: found, real } : 'outside';
}

/** The root of a folder's package: the nearest parent with a package.json, else the folder itself. */
function packageOf(folder: string): string {
  for (let home = folder; ; home = dirname(home)) {
    if (existsSync(join(home, 'package.json'))) return home;
    if (home === dirname(home)) return folder;
  }
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function contains(folder: string, path: string): boolean {
  const inner = relative(folder, path);
  return inner !== '' && inner !== '..' && !inner.startsWith(`..${sep}`) && !isAbsolute(inner);
}
