// Where a run keeps its checkpoint and record: runs/MODEL/TIME/, made when there is something to keep, or the place that --out
// names. What an earlier run left is found here too.
import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail } from '../diagnostics/diagnostic.ts';
import { newestValid, readCheckpoint, type Checkpoint } from '../train/checkpoint.ts';
import type { RunRecord } from '../train/run-record.ts';
import { renderDiagnostics } from '../diagnostics/render.ts';
import type { Streams } from './streams.ts';
import { ownFolder, writeWhole } from './write-products.ts';

const runs = 'runs';
const checkpointName = 'checkpoint.safetensors';

export class RunFolder {
  #folder: string | undefined;
  #checkpoint: string | undefined;

  /** @param out the checkpoint's path, where the user named one */
  constructor(
    private readonly name: string,
    private readonly out: string | undefined,
  ) {}

  /** Where the last checkpoint was put. */
  get checkpoint(): string | undefined {
    return this.#checkpoint;
  }

  /** Makes the folder, if need be. */
  async checkpointPath(): Promise<string> {
    if (this.out !== undefined) await mkdir(dirname(this.out), { recursive: true });
    else this.#folder ??= await newFolder(this.name);
    this.#checkpoint = this.out ?? join(this.#folder ?? '', checkpointName);
    return this.#checkpoint;
  }

  /** Keeps the record beside the checkpoint; a checkpoint that the user placed stands alone. */
  async writeRecord(record: RunRecord): Promise<void> {
    if (this.#folder === undefined) return;
    await writeWhole(
      join(this.#folder, 'run.json'),
      Buffer.from(`${JSON.stringify(record, undefined, 2)}\n`),
    );
  }

  /** The checkpoint to go on from; what is written later takes its place. */
  async findCheckpoint(streams: Streams): Promise<Checkpoint> {
    if (this.out !== undefined) return readCheckpoint(this.out);
    const parent = join(runs, this.name);
    const names = await readdir(parent).catch(() => []);
    for (const name of names.sort().reverse()) {
      const folder = join(parent, name);
      if (!(await stat(folder)).isDirectory()) continue;
      const { checkpoint, rejected } = await newestValid(folder);
      for (const { error } of rejected)
        streams.note(renderDiagnostics(error.diagnostics, { color: streams.color }));
      if (!checkpoint) continue;
      this.#folder = await ownFolder(runs, this.name, name);
      return checkpoint;
    }
    return fail('checkpoint.missing', undefined, { path: `in ${parent}` });
  }
}

/** A new folder named after the present time; two runs of one second get two. */
async function newFolder(name: string): Promise<string> {
  const parent = await ownFolder(runs, name);
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

/** `2026-03-01_14-05-09`, local time: names sort as the runs began. */
function timeStamp(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${date}_${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join('-')}`;
}
