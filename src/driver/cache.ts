// The cache of compiled models. It is in the user's cache folder and not beside the model: its content is executed, and a folder received
// from elsewhere must not bring its own. An entry is a folder named by the hash of all its inputs; it appears atomically.
import { createHash } from 'node:crypto';
import { lstatSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolderSync } from './make-folder.ts';
import { isSafeFolder, readEntry, writeEntry, type EntryFiles } from '../targets/entries.ts';
import { targetNames, type TargetName } from '../targets/table.ts';

const keptEntries = 100;

export function hash(...parts: readonly (string | Uint8Array)[]): string {
  const state = createHash('sha256');
  for (const part of parts) state.update(`${part.length}:`).update(part);
  return state.digest('hex');
}

let folder: string | undefined;

/**
 * Made at its first use. If no safe cache is possible, a folder of this process alone, removed at exit.
 */
export function cacheFolder(): string {
  folder ??= permanentFolder() ?? temporaryFolder();
  return folder;
}

/** A target's own cache folder, of entries too. Created with its first entry. */
export const cacheOf = (target: TargetName): string => {
  const path = join(cacheFolder(), target);
  // if others can write it, or it is no folder, it is left alone
  const isFree = lstatSync(path, { throwIfNoEntry: false }) === undefined;
  return isFree || isSafe(path) ? path : join((apart ??= temporaryFolder()), target);
};

function isSafe(path: string): boolean {
  try {
    return isSafeFolder(path);
  } catch {
    return false;
  }
}

let apart: string | undefined;

/** Undefined where none can be made, or others could write it. */
export function permanentFolder(): string | undefined {
  const { env, platform } = process;
  const base =
    env['XDG_CACHE_HOME'] ??
    (platform === 'win32'
      ? env['LOCALAPPDATA']
      : platform === 'darwin'
        ? join(homedir(), 'Library/Caches')
        : join(homedir(), '.cache'));
  const path = env['NNC_CACHE'] ?? (base && join(base, 'nnc'));
  if (!path) return undefined;
  try {
    makeFolderSync(path, 0o700);
    // another user who can write it could replace its content
    return isSafeFolder(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'nnc-'));
  process.on('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A complete entry: its folder and its files. */
export interface Entry {
  readonly folder: string;
  readonly files: ReadonlyMap<string, Buffer>;
}

/**
 * The entries of a key: several where something outside the key has changed since. Older ones are not replaced, since another process may
 * use them.
 */
export async function findEntries(key: string): Promise<Entry[]> {
  const root = cacheFolder();
  const names = await readdir(root).catch(() => []);
  const found: Entry[] = [];
  for (const name of names.filter((each) => each.startsWith(`${key}-`)).sort()) {
    const folder = join(root, name);
    const files = await readEntry(folder);
    if (files) found.push({ folder, files });
  }
  return found;
}

/**
 * Writes an entry, unless it exists, and returns its folder.
 * @param version a hash of the inputs that the key does not cover
 */
export async function keepEntry(key: string, version: string, files: EntryFiles): Promise<string> {
  const path = join(cacheFolder(), `${key}-${version.slice(0, 16)}`);
  await writeEntry(path, files);
  await prune();
  return path;
}

/** Evicts the least recently used entries (else least recently written), and modules in the targets' own folders. */
async function prune(): Promise<void> {
  const root = cacheFolder();
  await keepNewest(root, keptEntries, new Set(targetNames));
  for (const name of targetNames) await keepNewest(join(root, name), 2 * keptEntries);
}

async function keepNewest(
  folder: string,
  kept: number,
  spared: ReadonlySet<string> = new Set(),
): Promise<void> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => !spared.has(name));
  if (names.length <= kept) return;
  const entries = await Promise.all(
    names.map(async (name) => ({
      name,
      used: await stat(join(folder, name)).then(
        (found) => found.mtimeMs,
        () => 0,
      ),
    })),
  );
  entries.sort((a, b) => b.used - a.used);
  for (const { name } of entries.slice(kept)) await rm(join(folder, name), { recursive: true, force: true });
}
