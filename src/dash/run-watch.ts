// The dashboard's list of runs, updated while a page is open. A poll costs as much as may have changed, not as there are runs: a folder
// is listed again if its modification time requires it, a run is read again only if its files have changed, and ended runs are checked
// round-robin, some per poll. Pages request runs by keys: a key finds a folder in this list or nothing.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { foldersIn } from '../run-folders/list-runs.ts';
import { labelName } from '../run-folders/run-label.ts';
import { summarizeRun, type RunSummary } from '../run-folders/run-summary.ts';
import { metricsName } from '../train/logs/metrics-file.ts';
import { configName, recordName } from '../train/run/context.ts';

/** A row of the page's list. */
export interface ListedRun {
  readonly key: string;
  readonly model: string;
  readonly time: string;
  readonly name: string | null;
  readonly note: string | null;
  readonly pinned: boolean;
  readonly state: string;
  readonly epochs: number;
  readonly plannedEpochs: number | null;
  readonly loss: number | null;
  readonly faults: readonly string[];
}

interface Known {
  readonly key: string;
  readonly signature: string;
  readonly run: RunSummary;
}

/** A folder's listing, with its time. */
interface Listing {
  readonly names: readonly string[];
  readonly changed: number;
  readonly read: number;
}

/** Granularity of modification times in milliseconds: a folder changed so shortly before it was listed may have changed again. */
const coarse = 2_000;
/** Ended runs checked per poll. */
const endedInOneLook = 200;
/** Polls for which a run stays requested. */
const wantedFor = 20;

export class RunWatch {
  #known = new Map<string, Known>();
  #byKey = new Map<string, Known>();
  readonly #listings = new Map<string, Listing>();
  /** Runs shown by pages, with the poll at which they expire. */
  readonly #wanted = new Map<string, number>();
  #looks = 0;
  /** The next ended run to check. */
  #turn = 0;
  #text = '[]';
  #lookedAt = -Infinity;
  #looking: Promise<string> | undefined;

  /**
   * @param parent `runs`
   * @param sharedFor milliseconds for which concurrent requests share a list
   */
  constructor(
    private readonly parent: string,
    private readonly sharedFor = 1_000,
  ) {}

  /** The folder of a run of the last list; changes to a requested run are shown at once. */
  folderOf(key: string): string | undefined {
    const known = this.#byKey.get(key);
    if (known) this.#wanted.set(key, this.#looks + wantedFor);
    return known?.run.path;
  }

  /** All runs (`ListedRun`s) as JSON. Concurrent requests share one poll. */
  list(): Promise<string> {
    if (performance.now() - this.#lookedAt < this.sharedFor) return Promise.resolve(this.#text);
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
      this.#lookedAt = performance.now();
    });
    return this.#looking;
  }

  async #look(): Promise<string> {
    this.#looks++;
    const known = new Map<string, Known>();
    let ended = 0;
    for (const model of await this.#foldersIn(this.parent))
      for (const time of await this.#foldersIn(join(this.parent, model))) {
        const id = `${model}/${time}`;
        const before = this.#known.get(id);
        const waits = before && hasEnded(before.run) && !this.#isWanted(before.key);
        const isTurn = waits && this.#hasTurn(ended++);
        const now = waits && !isTurn ? before : await this.#lookAt(model, time, before);
        known.set(id, now);
      }
    this.#turn = this.#turn + endedInOneLook < ended ? this.#turn + endedInOneLook : 0;
    const isNew =
      known.size !== this.#known.size || [...known].some(([id, run]) => this.#known.get(id) !== run);
    if (isNew) {
      this.#known = known;
      this.#byKey = new Map([...known.values()].map((run) => [run.key, run]));
      this.#text = JSON.stringify([...known.values()].map(rowOf));
    }
    return this.#text;
  }

  #hasTurn(place: number): boolean {
    return place >= this.#turn && place < this.#turn + endedInOneLook;
  }

  #isWanted(key: string): boolean {
    const until = this.#wanted.get(key);
    if (until === undefined || until >= this.#looks) return until !== undefined;
    this.#wanted.delete(key);
    return false;
  }

  /** Returns the same object if nothing has changed. */
  async #lookAt(model: string, time: string, before: Known | undefined): Promise<Known> {
    const signature = await signatureOf(join(this.parent, model, time));
    // whether a run is still running also depends on the time
    if (before?.signature === signature && before.run.state !== 'running') return before;
    const run = await summarizeRun(this.parent, model, time);
    return { key: before?.key ?? keyOf(model, time), signature, run };
  }

  async #foldersIn(path: string): Promise<readonly string[]> {
    const known = this.#listings.get(path);
    const changed = await stat(path).then(
      (found) => Math.max(found.mtimeMs, found.ctimeMs),
      () => NaN,
    );
    if (known?.changed === changed && known.read - changed > coarse) return known.names;
    const read = Date.now();
    const names = await foldersIn(path);
    this.#listings.set(path, { names, changed, read });
    return names;
  }
}

/** Whether the run changes only if somebody resumes it. */
function hasEnded({ state }: RunSummary): boolean {
  return state !== 'running' && state !== 'unfinished';
}

function keyOf(model: string, time: string): string {
  return createHash('sha256')
    .update(JSON.stringify([model, time]))
    .digest('hex')
    .slice(0, 16);
}

function rowOf({ key, run }: Known): ListedRun {
  return {
    key,
    model: run.model,
    time: run.time,
    name: run.label.name ?? null,
    note: run.label.note ?? null,
    pinned: run.label.pinned ?? false,
    state: run.state,
    epochs: run.epochs,
    plannedEpochs: run.plannedEpochs,
    loss: run.progress.get('validation_loss')?.last ?? run.progress.get('loss')?.last ?? null,
    faults: run.faults,
  };
}

async function signatureOf(folder: string): Promise<string> {
  const states = await Promise.all(
    [configName, metricsName, recordName, labelName].map((name) =>
      stat(join(folder, name)).catch(() => undefined),
    ),
  );
  return states.map((state) => (state ? `${state.ino} ${state.size} ${state.mtimeMs}` : '-')).join(', ');
}
