// The list of runs as the dashboard shows it, kept up to date while somebody looks. A run whose files have not changed is not read
// again. Runs have keys by which a page asks for them: a key finds a folder in this list or nothing.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listRunPlaces } from '../run-folders/list-runs.ts';
import { summarizeRun, type RunSummary } from '../run-folders/run-summary.ts';
import { metricsName } from '../train/logs/metrics-file.ts';
import { configName, recordName } from '../train/run/context.ts';

/** A row of the page's list. */
export interface ListedRun {
  readonly key: string;
  readonly model: string;
  readonly time: string;
  readonly state: string;
  readonly epochs: number;
  readonly plannedEpochs: number | null;
  readonly loss: number | null;
  readonly faults: readonly string[];
}

export class RunWatch {
  #known = new Map<string, { readonly signature: string; readonly run: RunSummary }>();
  #looking: Promise<readonly ListedRun[]> | undefined;

  /** @param parent `runs` */
  constructor(private readonly parent: string) {}

  /** The folder of a run of the last list. */
  folderOf(key: string): string | undefined {
    return this.#known.get(key)?.run.path;
  }

  /** Several who ask at once share one look. */
  list(): Promise<readonly ListedRun[]> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #look(): Promise<readonly ListedRun[]> {
    const known = new Map<string, { signature: string; run: RunSummary }>();
    for (const { model, time } of await listRunPlaces(this.parent)) {
      const key = createHash('sha256')
        .update(JSON.stringify([model, time]))
        .digest('hex')
        .slice(0, 16);
      const signature = await signatureOf(join(this.parent, model, time));
      const before = this.#known.get(key);
      // whether a run is still running depends on the clock as well
      const unchanged = before?.signature === signature && before.run.state !== 'running';
      const run = unchanged ? before.run : await summarizeRun(this.parent, model, time);
      known.set(key, { signature, run });
    }
    this.#known = known;
    return [...known].map(([key, { run }]) => ({
      key,
      model: run.model,
      time: run.time,
      state: run.state,
      epochs: run.epochs,
      plannedEpochs: run.plannedEpochs,
      loss: run.progress.get('validation_loss')?.last ?? run.progress.get('loss')?.last ?? null,
      faults: run.faults,
    }));
  }
}

async function signatureOf(folder: string): Promise<string> {
  const states = await Promise.all(
    [configName, metricsName, recordName].map((name) => stat(join(folder, name)).catch(() => undefined)),
  );
  return states.map((state) => (state ? `${state.ino} ${state.size} ${state.mtimeMs}` : '-')).join(', ');
}
