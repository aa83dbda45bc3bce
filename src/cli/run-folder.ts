// The folder of a run: runs/MODEL/TIME/, or the one named by --out. Also finds earlier runs.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../driver/make-folder.ts';
import { placeToWrite } from '../driver/place-to-write.ts';
import { fail } from '../diagnostics/diagnostic.ts';
import { printable } from '../diagnostics/printable.ts';
import { whyTrial, type Explained } from '../run-folders/choose-run.ts';
import { numberIn } from '../run-folders/json-file.ts';
import { settingsIn, type RunFacts } from '../run-folders/run-facts.ts';
import { checkpointSuffix, readCheckpoint, type Checkpoint } from '../train/checkpoint/checkpoint.ts';
import { checkpointNames, lockName, type CheckpointKind, type RunPlaces } from '../train/run/context.ts';
import { takeLock, type Lock } from '../train/run/lock.ts';
import type { Streams } from './streams.ts';
import { runsFolder } from './runs-folder.ts';
import { listExplained, runAround, runsOf, stateOf, weightsIn } from './trained.ts';
import { describeWeights } from './weights.ts';
import { ownFolder } from './write-products.ts';

export class RunFolder implements RunPlaces {
  #folder: string | undefined;
  #lock: Lock | undefined;
  /** The file of a checkpoint named by --out, links resolved. */
  #file: string | undefined;

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
    else if (this.#alone()) await this.#openFile(this.out);
    else await makeFolder(this.out);
    const lock =
      this.#folder === undefined ? `${this.checkpoint('last')}.lock` : join(this.#folder, lockName);
    this.#lock = await takeLock(lock);
    return this.#folder;
  }

  /** @throws where a checkpoint cannot be written again and again */
  async #openFile(out: string): Promise<void> {
    await makeFolder(dirname(out));
    const place = await placeToWrite(out);
    if (place.kind === 'stream')
      throw Object.assign(new Error(`ESPIPE: ${out}`), { code: 'ESPIPE', syscall: 'write', path: out });
    this.#file = place.path;
  }

  async close(): Promise<void> {
    await this.#lock?.release();
    this.#lock = undefined;
  }

  checkpoint(kind: CheckpointKind): string {
    if (this.#folder !== undefined) return join(this.#folder, checkpointNames[kind]);
    const out = this.out ?? checkpointNames.last;
    return kind === 'last'
      ? (this.#file ?? out)
      : `${out.slice(0, -checkpointSuffix.length)}-${kind}${checkpointSuffix}`;
  }

  /**
   * The checkpoint to resume from; later checkpoints replace it. Without a named place it is that of the newest run, but never of a trial
   * or of a run that diverged; unless the same trial is asked for.
   */
  async findCheckpoint(trial: Trial, streams: Streams, now: number): Promise<Checkpoint> {
    if (this.#alone()) return tell(await readCheckpoint(this.out ?? ''), undefined, streams, now);
    if (this.out !== undefined) {
      const found = await stateOf(this.out, 'last', streams);
      return found
        ? tell(found, this.out, streams, now)
        : fail('checkpoint.missing', undefined, { path: `in ${printable(this.out)}` });
    }
    const skipped: Explained[] = [];
    for (const run of (await runsOf(this.name, now)).sort(newestFirst)) {
      const reason = whyNotResumed(run, trial);
      if (reason !== undefined) skipped.push({ run, reason });
      const found = reason === undefined ? await stateOf(run.path, 'last', streams) : undefined;
      if (!found) continue;
      this.#folder = await ownFolder(runsFolder, this.name, run.time);
      const [newer] = skipped;
      if (newer)
        streams.note(
          `note: the newest run is not resumed: ${printable(newer.run.id)}, ${newer.reason}; --out ${printable(newer.run.path)} resumes it`,
        );
      return tell(found, run.path, streams, now);
    }
    const [first] = skipped;
    if (!first)
      return fail('checkpoint.missing', undefined, { path: `in ${printable(join(runsFolder, this.name))}` });
    return fail('run.unfit', undefined, {
      model: printable(this.name),
      runs: listExplained(skipped),
      help: `--resume --out ${printable(first.run.path)} goes on with that one.`,
    });
  }
}

/** Says which weights a run is resumed from. */
async function tell(
  checkpoint: Checkpoint,
  folder: string | undefined,
  streams: Streams,
  now: number,
): Promise<Checkpoint> {
  const run = folder === undefined ? undefined : await runAround(folder, now);
  streams.note(describeWeights(await weightsIn(checkpoint, run, 'resumed'), now));
  return checkpoint;
}

/** The options of a trial, by which a run like it may be resumed. */
export interface Trial {
  readonly overfit?: number;
  readonly limitBatches?: number;
}

function newestFirst(a: RunFacts, b: RunFacts): number {
  return b.saved - a.saved || (a.time < b.time ? 1 : -1);
}

function whyNotResumed(run: RunFacts, { overfit, limitBatches }: Trial): string | undefined {
  if (run.state === 'diverged') return 'diverged';
  const settings = settingsIn(run);
  const isAsked =
    (overfit !== undefined && numberIn(settings, 'overfit') === overfit) ||
    (limitBatches !== undefined && numberIn(settings, 'limitBatches') === limitBatches);
  return isAsked ? undefined : whyTrial(run);
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
