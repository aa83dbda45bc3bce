// Cache entries that are executed as code: an entry is a folder of files, which appears atomically. It is used only if nobody else can
// have written it (owner and mode of the entry and of each file) and if its content is what was written (a digest of each file, with the
// entry's own name): what is truncated, emptied or exchanged counts as absent, and is made again. The folder that contains the entries is
// the caller's to check (`isSafeFolder`).
import { createHash, randomUUID } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { lstat, open, readFile, rename, rm, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../driver/make-folder.ts';

/** The files of an entry's folder, by name. */
export type EntryFiles = ReadonlyMap<string, string | Uint8Array>;

/** The owner and permissions of a file or folder. */
export interface Ownership {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

const digestsName = 'digests.json';

interface Digests {
  /** The entry's name, so that a complete entry moved to another's name is invalid. */
  readonly entry: string;
  /** SHA-256 by file name. */
  readonly files: { readonly [name: string]: string };
}

/** This process's user id; undefined on systems without such ids. */
const ownUser = (): number | undefined => process.getuid?.();

/** Whether only `user`, or root, can write it; the user's own private group counts as the user. */
function isClosed({ uid, gid, mode }: Ownership, user: number): boolean {
  if (uid !== user && uid !== 0) return false;
  const writers = gid === user ? 0o002 : 0o022;
  return (mode & writers) === 0;
}

/** Whether a file or folder of an entry belongs to the user, and nobody else can write it. */
export function isOwn(found: Ownership, user = ownUser()): boolean {
  return user === undefined || (found.uid === user && isClosed(found, user));
}

/**
 * Whether nobody but the user and root can replace the last folder of a path.
 * @param levels from the root of the file system down: in a folder with the sticky bit, others can add names but not remove them
 */
export function areSafe(levels: readonly Ownership[], user = ownUser()): boolean {
  if (user === undefined) return true;
  const last = levels.at(-1);
  if (last?.uid !== user) return false;
  const isSticky = ({ uid, mode }: Ownership) => (uid === user || uid === 0) && (mode & 0o1000) !== 0;
  return levels.every((level) => isClosed(level, user) || isSticky(level));
}

/** `areSafe` for an existing folder and its parents. @throws a system error where one cannot be read */
export function isSafeFolder(path: string): boolean {
  if (!statSync(path).isDirectory()) return false;
  const levels: Ownership[] = [];
  for (let folder = realpathSync(path); ; folder = dirname(folder)) {
    levels.unshift(statSync(folder));
    if (dirname(folder) === folder) return areSafe(levels);
  }
}

/** The files of an entry that is complete and that nobody else can write; otherwise undefined. */
export async function readEntry(path: string): Promise<ReadonlyMap<string, Buffer> | undefined> {
  return readNamed(path, basename(path));
}

async function readNamed(path: string, name: string): Promise<ReadonlyMap<string, Buffer> | undefined> {
  try {
    const folder = await lstat(path);
    if (!folder.isDirectory() || !isOwn(folder)) return undefined;
    const { entry, files } = JSON.parse((await readOwn(join(path, digestsName))).toString()) as Digests;
    if (entry !== name) return undefined;
    const found = new Map<string, Buffer>();
    for (const [file, digest] of Object.entries(files)) {
      const bytes = await readOwn(join(path, file));
      if (digestOf(bytes) !== digest) return undefined;
      found.set(file, bytes);
    }
    const now = new Date();
    await utimes(path, now, now);
    return found;
  } catch {
    return undefined;
  }
}

async function readOwn(path: string): Promise<Buffer> {
  const found = await lstat(path);
  if (!found.isFile() || !isOwn(found)) throw new Error(`${path} is another's`);
  return readFile(path);
}

/** Writes an entry, unless another process was faster: a complete entry is never removed, since it may be in use. */
export async function writeEntry(path: string, files: EntryFiles): Promise<void> {
  const fresh = await writeDraft(path, files);
  try {
    for (let tries = 0; ; tries++) {
      try {
        await rename(fresh, path);
        await syncFolder(dirname(path));
        return;
      } catch (error) {
        if (await readEntry(path)) return;
        if (tries === 3) throw error;
        await moveAway(path);
      }
    }
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** Writes a complete entry to disk, next to its final place. */
async function writeDraft(path: string, files: EntryFiles): Promise<string> {
  const fresh = join(dirname(path), `new-${randomUUID()}`);
  await makeFolder(fresh, 0o700);
  const digests: Digests = {
    entry: basename(path),
    files: Object.fromEntries([...files].map(([name, content]) => [name, digestOf(content)])),
  };
  for (const [name, content] of [...files, [digestsName, JSON.stringify(digests)] as const]) {
    const file = await open(join(fresh, name), 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  }
  await syncFolder(fresh);
  return fresh;
}

/** Removes what is in an entry's place but is no complete entry. */
async function moveAway(path: string): Promise<void> {
  const aside = join(dirname(path), `old-${randomUUID()}`);
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // another process may have put a complete one there since the check
  if (await readNamed(aside, basename(path)))
    if (
      await rename(aside, path).then(
        () => true,
        () => false,
      )
    )
      return;
  await rm(aside, { recursive: true, force: true }).catch(() => undefined);
}

/** Makes a rename survive a power failure; not supported on every system. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch {
    // the digests find what was lost
  }
}

function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
