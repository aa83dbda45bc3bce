// The cache of compiled models. It lies in the user's own cache folder and not beside the model: what is in it gets run, and a
// folder that came from elsewhere must not be able to bring its own. An entry is a folder named by the hash of everything that
// its content depends on; it appears whole or not at all.
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { targetNames, type TargetName } from '../targets/table.ts';

const keptEntries = 100;

export function hash(...parts: readonly (string | Uint8Array)[]): string {
  const state = createHash('sha256');
  for (const part of parts) state.update(`${part.length}:`).update(part);
  return state.digest('hex');
}

let folder: string | undefined;

/** Made on first use. Where no cache can be kept, a folder of this process alone, removed at its end. */
export function cacheFolder(): string {
  folder ??= permanentFolder() ?? temporaryFolder();
  return folder;
}

/** Where a target keeps what its own compiler has made. */
export const cacheOf = (target: TargetName): string => join(cacheFolder(), target);

function permanentFolder(): string | undefined {
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
    mkdirSync(path, { recursive: true, mode: 0o700 });
    // another user's folder could be filled by that user
    const { uid } = statSync(path);
    return process.getuid && uid !== process.getuid() ? undefined : path;
  } catch {
    return undefined;
  }
}

function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'nnc-'));
  process.on('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** What lies in an entry's folder, by file name. */
export type EntryFiles = ReadonlyMap<string, string | Uint8Array>;

/** The entry's folder, if there is one. */
export async function findEntry(key: string): Promise<string | undefined> {
  const path = join(cacheFolder(), key);
  try {
    if (!(await stat(path)).isDirectory()) return undefined;
    const now = new Date();
    await utimes(path, now, now);
    return path;
  } catch {
    return undefined;
  }
}

/** Writes an entry, in place of an older one, and gives its folder. */
export async function writeEntry(key: string, files: EntryFiles): Promise<string> {
  const path = join(cacheFolder(), key);
  const fresh = join(cacheFolder(), `new-${randomUUID()}`);
  await mkdir(fresh, { mode: 0o700 });
  for (const [name, content] of files) await writeFile(join(fresh, name), content);
  await rm(path, { recursive: true, force: true });
  try {
    await rename(fresh, path);
  } catch (error) {
    // another process was faster: its entry is the same
    await rm(fresh, { recursive: true, force: true });
    if (!(await findEntry(key))) throw error;
  }
  await prune();
  return path;
}

export async function readEntryFile(entry: string, name: string): Promise<Buffer> {
  return readFile(join(entry, name));
}

/** Drops what was used, or else written, least recently: entries, and modules that targets keep in folders of their own. */
async function prune(): Promise<void> {
  const root = cacheFolder();
  await keepNewest(root, keptEntries);
  for (const name of targetNames) await keepNewest(join(root, name), 2 * keptEntries);
}

async function keepNewest(folder: string, kept: number): Promise<void> {
  const names = await readdir(folder).catch(() => []);
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
