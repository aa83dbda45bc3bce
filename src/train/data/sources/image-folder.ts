// Images in folders, one folder per class: their list, in an order that is the same on every machine. Nothing outside the folder is read:
// a symbolic link that leads out is refused.
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../../../diagnostics/diagnostic.ts';
import type { PictureFile } from '../formats/decode-files.ts';
import { findInside, type FoundPath } from './paths.ts';

export interface ClassFolder {
  readonly name: string;
  readonly files: readonly PictureFile[];
}

const pictureName = /\.(?:png|jpe?g)$/i;
/** Files that operating systems create in folders. */
const leftBehind = new Set(['Thumbs.db', 'desktop.ini']);

interface Entry {
  readonly name: string;
  readonly found: FoundPath;
}

/** The entries of a folder by name, except hidden ones. */
async function entriesOf(folder: FoundPath): Promise<readonly Entry[]> {
  const entries = await readdir(folder.real, { withFileTypes: true });
  const names = entries.filter(({ name }) => !name.startsWith('.') && !leftBehind.has(name));
  // By code units, not by locale.
  names.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const found: Entry[] = [];
  for (const entry of names) {
    const path = join(folder.path, entry.name);
    if (entry.isSymbolicLink()) {
      const target = await findInside(folder.root, path);
      if (target) found.push({ name: entry.name, found: target });
      else malformed(join(folder.shown, entry.name), 'it is a symbolic link to nothing');
      continue;
    }
    found.push({
      name: entry.name,
      found: {
        real: join(folder.real, entry.name),
        shown: join(folder.shown, entry.name),
        root: folder.root,
        path,
        isFolder: entry.isDirectory(),
      },
    });
  }
  return found;
}

export interface PartFolders {
  readonly train: FoundPath;
  readonly validation?: FoundPath;
  readonly test?: FoundPath;
}

/** What the folders of the parts are called, in small letters. */
const partNames = { train: ['train'], validation: ['val', 'valid', 'validation'], test: ['test'] };

/** The folders of the parts, if the folder is divided into `train` and others, as ImageNet's is; else the folder itself. */
export async function partsOf(folder: FoundPath): Promise<PartFolders> {
  const entries = await entriesOf(folder);
  const part = (names: readonly string[]) => {
    const [found, another] = entries.filter(
      (entry) => names.includes(entry.name.toLowerCase()) && entry.found.isFolder,
    );
    if (found && another)
      malformed(folder.shown, `it holds both ${found.name} and ${another.name}, of which one is read`);
    return found?.found;
  };
  const train = part(partNames.train);
  if (!train) return { train: folder };
  const [validation, test] = [part(partNames.validation), part(partNames.test)];
  const other = entries.find(({ found }) => found !== train && found !== validation && found !== test);
  if (other)
    malformed(
      folder.shown,
      `beside \`train\` it holds ${other.name}, which is no part: those are called train, val (or valid, validation) and test; ` +
        'name the folders themselves, as in `images("photos/train", test = "photos/holdout")`, or move it elsewhere',
    );
  return { train, ...(validation && { validation }), ...(test && { test }) };
}

/**
 * The classes by name, each with its images by name.
 * @throws DiagnosticError when there is no class, a class without images, or anything but images
 */
export async function classesOf(folder: FoundPath): Promise<readonly ClassFolder[]> {
  const entries = await entriesOf(folder);
  const stray = entries.find(({ found }) => !found.isFolder);
  if (stray)
    malformed(
      stray.found.shown,
      'it lies beside the folders of the classes; a picture lies in its class’s folder',
    );
  if (entries.length === 0) malformed(folder.shown, 'it holds no folder of a class');
  const classes: ClassFolder[] = [];
  for (const { name, found } of entries) {
    const files = await entriesOf(found);
    if (files.length === 0) malformed(found.shown, 'it holds no picture');
    classes.push({ name, files: files.map((file) => pictureFile(file)) });
  }
  return classes;
}

function pictureFile({ name, found }: Entry): PictureFile {
  if (found.isFolder) malformed(found.shown, 'it is a folder within a class’s folder');
  if (!pictureName.test(name)) malformed(found.shown, 'its name ends neither in .png nor in .jpg');
  return { real: found.real, path: found.shown };
}

/** @throws DiagnosticError unless it is a folder */
export async function requireFolder(found: FoundPath): Promise<void> {
  if (!(await lstat(found.real)).isDirectory()) malformed(found.shown, 'it is not a folder');
}

function malformed(path: string, reason: string): never {
  return fail('data.malformed', undefined, { path, format: 'a folder of pictures', reason });
}
