// Finds the sources: the files named, or the only model in the folder and its models/.
import { open, readdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { fail } from '../diagnostics/diagnostic.ts';
import { sourceLimit, type Source } from '../diagnostics/source.ts';
import { printable } from '../diagnostics/printable.ts';
import { helpWith } from './suggestion.ts';

/** The folders searched for models if no file is named. */
const modelFolders = ['.', 'models'];

/** Reads at most one byte more than `limit`, whatever the file's size is said to be (for a pipe or a device it is 0). */
export async function readBounded(path: string, limit: number): Promise<Buffer> {
  const file = await open(path, 'r').catch((error: unknown) => explainMissing(path, error));
  try {
    if ((await file.stat()).isDirectory()) fail('file.folder', undefined, { path: printable(path) });
    const chunks: Buffer[] = [];
    let size = 0;
    while (size <= limit) {
      const chunk = Buffer.allocUnsafe(Math.min(65_536, limit + 1 - size));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0) break;
      chunks.push(chunk.subarray(0, bytesRead));
      size += bytesRead;
    }
    return Buffer.concat(chunks);
  } finally {
    await file.close();
  }
}

async function explainMissing(path: string, error: unknown): Promise<never> {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
  const extension = /\.[^./]+$/.exec(path)?.[0] ?? '.nn';
  const folder = dirname(path);
  const others = (await listFiles(folder)).filter((name) => name.endsWith(extension));
  const help = helpWith(basename(path), others, `The path is taken from ${printable(process.cwd())}.`);
  return fail('file.missing', undefined, { path: printable(path), help: printable(help) });
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.flatMap((entry) => (entry.isFile() || entry.isSymbolicLink() ? [entry.name] : [])).sort();
}

/** A path for messages: relative to the working directory if it is below, else unchanged. */
export function shownPath(path: string): string {
  const below = relative(process.cwd(), resolve(path));
  return below === '' || below.startsWith('..') || isAbsolute(below) ? path : below;
}

export async function readSource(path: string): Promise<Source> {
  const bytes = await readBounded(path, sourceLimit);
  const shown = shownPath(path);
  if (bytes.length > sourceLimit)
    fail('source.too-large', undefined, { path: printable(shown), size: `more than ${sourceLimit}` });
  return { path: shown, text: new TextDecoder().decode(bytes), library: false };
}

/** The `.nn` files of the folder and of models/ below it. */
async function projectFiles(): Promise<string[]> {
  const found = await Promise.all(
    modelFolders.map(async (folder) => {
      const names = (await listFiles(folder)).filter((name) => name.endsWith('.nn'));
      return names.map((name) => join(folder, name));
    }),
  );
  return found.flat();
}

/** Whether a line begins a model; a file that does not parse counts too, so that its errors are shown. */
function holdsModel(source: Source): boolean {
  return /^[ \t]*model\s+[A-Za-z_]/m.test(source.text);
}

/** The file named, or the only one that contains a model. */
export async function findSource(file: string | undefined, command: string): Promise<Source> {
  if (file !== undefined) return readSource(file);
  const sources = await Promise.all((await projectFiles()).map(readSource));
  const models = sources.filter(holdsModel);
  const [only, another] = models;
  if (!only) return fail('file.none', undefined, { command });
  if (another) {
    const choices = models.map((source) => printable(source.path)).join(', ');
    return fail('file.several', undefined, { count: models.length, choices });
  }
  return only;
}

/** The files named, or every `.nn` file of the project. */
export async function findFiles(files: readonly string[], command: string): Promise<readonly string[]> {
  const paths = files.length > 0 ? files : await projectFiles();
  return paths.length > 0 ? paths : fail('file.none', undefined, { command });
}

export async function findSources(files: readonly string[], command: string): Promise<Source[]> {
  return Promise.all((await findFiles(files, command)).map(readSource));
}
