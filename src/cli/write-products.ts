// Writes files for the user, plain files atomically: to a temporary file beside the target, which is renamed. A folder that the user did
// not name must be inside the working directory, symbolic links resolved.
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, relative, sep } from 'node:path';
import { makeFolder } from '../driver/make-folder.ts';
import { placeToWrite, type PlaceToWrite } from '../driver/place-to-write.ts';
import type { Build } from '../driver/build.ts';
import { CommandFailure, exitCodes } from './failure.ts';
import { printable, printableJson } from '../diagnostics/printable.ts';
import { moduleFile } from '../targets/module-files.ts';

export interface Written {
  readonly path: string;
  readonly bytes: number;
}

/** Makes a folder below the working directory, component by component. */
export async function ownFolder(...parts: readonly string[]): Promise<string> {
  const root = await realpath('.');
  let folder = '';
  for (const part of parts) {
    folder = join(folder, part);
    await makeFolder(folder);
    const below = relative(root, await realpath(folder));
    if (below.startsWith('..') || isAbsolute(below))
      throw new CommandFailure(
        exitCodes.inputOutput,
        `${printable(folder)} is a link that leads out of this folder`,
        'Name the place to write with --out.',
      );
  }
  return folder;
}

const moduleEndings: readonly string[] = ['.mjs', '.js', '.ts'];

/** The output of `nnc compile`: build/, the folder `out`, or, if that ends as a module does, the files of its name. */
export function placeOf(out: string | undefined): {
  readonly folder: string | undefined;
  readonly name?: string;
} {
  const ending = extname(out ?? '');
  if (out === undefined || !moduleEndings.includes(ending)) return { folder: out };
  return { folder: dirname(out), name: basename(out, ending) };
}

/** How a program in the working directory imports the module: the path as a URL. */
export function importLine(build: Build, folder = 'build'): string {
  const path = join(folder, moduleFile(build.name)).split(sep).join('/');
  const specifier = isAbsolute(path) || path.startsWith('../') ? path : `./${path}`;
  return `import { create } from ${printableJson(specifier.replace(/[%?#]/g, encodeURIComponent))};`;
}

/** Copies the products from the cache to the folder, by default to build/. */
export async function copyProducts(build: Build, folder: string | undefined): Promise<Written[]> {
  const place = folder ?? (await ownFolder('build'));
  await makeFolder(place);
  const written: Written[] = [];
  for (const product of build.products) {
    const content = await readFile(join(build.folder, product));
    const path = join(place, product);
    await writeWhole(path, content, folder === undefined ? 'replace' : 'follow');
    written.push({ path: printable(path), bytes: content.length });
  }
  return written;
}

/**
 * Writes a file that the user named: links are followed, an existing file keeps its mode, and a pipe or a device takes the bytes.
 * @param links replace: a link is replaced by a file, for places that the user did not name
 */
export async function writeWhole(
  path: string,
  content: Uint8Array,
  links: 'follow' | 'replace' = 'follow',
): Promise<void> {
  const isLink = links === 'replace' && (await lstat(path).catch(() => undefined))?.isSymbolicLink() === true;
  const place: PlaceToWrite = isLink ? { kind: 'file', path } : await placeToWrite(path);
  await (place.kind === 'file' ? replaceFile(place, content) : appendTo(place.path, content));
}

async function replaceFile(
  { path, mode }: Extract<PlaceToWrite, { kind: 'file' }>,
  content: Uint8Array,
): Promise<void> {
  const beside = join(dirname(path), `.${randomUUID()}.part`);
  try {
    const file = await open(beside, 'wx');
    try {
      if (mode !== undefined) await file.chmod(mode);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** Neither creates nor truncates: what a process has open may hold other output. */
async function appendTo(path: string, content: Uint8Array): Promise<void> {
  const stream = await open(path, constants.O_WRONLY | constants.O_APPEND);
  try {
    await stream.writeFile(content);
  } catch (error) {
    throw Object.assign(error as Error, { path });
  } finally {
    await stream.close();
  }
}
