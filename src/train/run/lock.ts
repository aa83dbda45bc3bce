// A lock on a run's output, so that two trainings never write to the same place. It is a file with the process's identity; it is void
// once that process is dead.
import { readFileSync } from 'node:fs';
import { open, readFile, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { DiagnosticError, fail } from '../../diagnostics/diagnostic.ts';

export interface Lock {
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process started, in the system's own units; empty if the system does not tell. */
  readonly began: string;
}

/** @throws DiagnosticError where another process holds the lock, or a system error where it cannot be written */
export async function takeLock(path: string): Promise<Lock> {
  const own: Holder = { pid: process.pid, host: hostname(), began: beginningOf(process.pid) ?? '' };
  for (let attempt = 0; ; attempt++) {
    try {
      const file = await open(path, 'wx');
      try {
        await file.writeFile(JSON.stringify(own));
      } finally {
        await file.close();
      }
      return { release: () => unlink(path).catch(() => undefined) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await readHolder(path);
    if (holder && isAlive(holder, own)) refuse(path, holder);
    // a stale or incomplete lock; of several processes that find it, one is first
    if (attempt === 3) refuse(path, holder);
    await unlink(path).catch(() => undefined);
  }
}

/** The living process that holds the lock, as text; undefined if none does. */
export async function holderOf(path: string): Promise<string | undefined> {
  const holder = await readHolder(path);
  const own: Holder = { pid: process.pid, host: hostname(), began: beginningOf(process.pid) ?? '' };
  return holder && isAlive(holder, own) ? showHolder(holder) : undefined;
}

const showHolder = ({ pid, host }: Holder): string => `process ${pid} on ${host}`;

function refuse(path: string, holder: Holder | undefined): never {
  return fail('run.locked', undefined, { path, holder: holder ? showHolder(holder) : 'another process' });
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const { pid, host, began } = JSON.parse(await readFile(path, 'utf8')) as Partial<Holder>;
    if (!Number.isSafeInteger(pid) || typeof host !== 'string' || typeof began !== 'string') return undefined;
    return { pid: Number(pid), host, began };
  } catch (error) {
    if (error instanceof DiagnosticError) throw error;
    return undefined;
  }
}

/** A process on another machine cannot be checked: it is assumed to be alive. */
function isAlive(holder: Holder, own: Holder): boolean {
  if (holder.host !== own.host) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  // the process id may have been reused
  const began = beginningOf(holder.pid);
  return began === undefined || holder.began === '' || began === holder.began;
}

/** On Linux, the process's start time: field 22 of its stat, counted after the name, which may contain anything. */
function beginningOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
