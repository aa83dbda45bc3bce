// The folder of a run: runs/MODEL/TIME/, or the one named by --out. Also finds earlier runs.
import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../driver/make-folder.ts';
import { fail } from '../diagnostics/diagnostic.ts';
import {
  checkpointSuffix,
  newestValid,
  readCheckpoint,
  type Checkpoint,
} from '../train/checkpoint/checkpoint.ts';
import { checkpointNames, type CheckpointKind, type RunPlaces } from '../train/run/context.ts';
import { takeLock, type Lock } from '../train/run/lock.ts';
import { renderDiagnostics } from '../diagnostics/render.ts';
import type { Streams } from './streams.ts';
import { runsFolder } from './runs-folder.ts';
import { ownFolder } from './write-products.ts';

export class RunFolder implements RunPlaces {
  #folder: string | undefined;
  #lock: Lock | undefined;

  /** @param out a folder for the run; or a checkpoint's path, which ends in .safetensors and has no run folder */
  constructor(
    private readonly name: string,
    private readonly out: string | undefined,
  ) {
    this.#folder = this.#alone() ? undefined : out;
  }

  #alone(): boolean {
    return this.out?.endsWith(checkpointSuffix) ?? false;
  }

  async open(): Promise<string | undefined> {
    if (this.out === undefined) this.#folder ??= await newFolder(this.name);
    else await makeFolder(this.#alone() ? dirname(this.out) : this.out);
    const place = this.#folder === undefined ? this.checkpoint('last') : join(this.#folder, 'run');
    this.#lock = await takeLock(`${place}.lock`);
    return this.#folder;
  }

  async close(): Promise<void> {
    await this.#lock?.release();
    this.#lock = undefined;
  }

  checkpoint(kind: CheckpointKind): string {
    if (this.#folder !== undefined) return join(this.#folder, checkpointNames[kind]);
    const out = this.out ?? checkpointNames.last;
    return kind === 'last' ? out : `${out.slice(0, -checkpointSuffix.length)}-${kind}${checkpointSuffix}`;
  }

  /** The checkpoint to resume from; later checkpoints replace it. */
  async findCheckpoint(streams: Streams): Promise<Checkpoint> {
    if (this.#alone()) return readCheckpoint(this.out ?? '');
    if (this.out !== undefined) {
      const found = await findIn(this.out, streams);
      return found ?? fail('checkpoint.missing', undefined, { path: `in ${this.out}` });
    }
    const parent = join(runsFolder, this.name);
    for (const name of await latestFirst(parent)) {
      const found = await findIn(join(parent, name), streams);
      if (!found) continue;
      this.#folder = await ownFolder(runsFolder, this.name, name);
      return found;
    }
    return fail('checkpoint.missing', undefined, { path: `in ${parent}` });
  }
}

/** The folders of a model's runs by the time of their last checkpoint, the latest first: a name tells at most when a run began. */
async function latestFirst(parent: string): Promise<readonly string[]> {
  const names = await readdir(parent).catch(() => []);
  const dated = await Promise.all(
    names.sort().map(async (name) => ({ name, written: await lastWritten(join(parent, name)) })),
  );
  return dated
    .toReversed()
    .sort((a, b) => b.written - a.written)
    .map(({ name }) => name);
}

/** The time of a folder's newest checkpoint, in milliseconds; before all others if there is none. */
async function lastWritten(folder: string): Promise<number> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(checkpointSuffix));
  const times = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => -Infinity,
      ),
    ),
  );
  return Math.max(-Infinity, ...times);
}

/** The last state in a run's folder; if that file is missing or damaged, the newest valid one. */
async function findIn(folder: string, streams: Streams): Promise<Checkpoint | undefined> {
  const { checkpoint, rejected } = await newestValid(folder, checkpointNames.last);
  for (const { error } of rejected)
    streams.note(renderDiagnostics(error.diagnostics, { color: streams.color }));
  return checkpoint;
}

/** Makes a folder named after the current time, with a suffix if it exists already. */
async function newFolder(name: string): Promise<string> {
  const parent = await ownFolder(runsFolder, name);
  const stamp = timeStamp(new Date());
  for (let attempt = 1; ; attempt++) {
    const folder = join(parent, attempt === 1 ? stamp : `${stamp}-${attempt}`);
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** `2026-03-01_14-05-09`, local time: names sort by start. */
function timeStamp(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${date}_${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join('-')}`;
}
