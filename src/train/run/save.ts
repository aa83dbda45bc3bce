// Keeps the checkpoints of a run, and finds again what it kept.
import { DiagnosticError } from '../../diagnostics/diagnostic.ts';
import type { Model } from '../../runtime/model.ts';
import {
  readCheckpoint,
  restoreCheckpoint,
  saveCheckpoint,
  type Checkpoint,
} from '../checkpoint/checkpoint.ts';
import type { Dataset } from '../data/dataset.ts';
import { showPreprocessing } from '../data/prepare/preprocessing.ts';
import type { LoopState } from '../loop/state.ts';
import { showProgram, type Program } from './changes.ts';
import type { CheckpointKind, RunPlaces } from './context.ts';
import { showSettings, type RunSettings } from './settings.ts';

/** A checkpoint that holds the state. */
export interface Kept {
  readonly path: string;
  readonly state: LoopState;
}

export interface Saver {
  save(state: LoopState, kind: CheckpointKind): Promise<void>;
  /** The newest of what this run kept or was resumed from; undefined where there is nothing yet. */
  last(): Kept | undefined;
  /** Seconds since something was kept, or the run began. */
  secondsSince(): number;
}

export interface SaverParts {
  readonly model: Model;
  readonly places: RunPlaces;
  readonly settings: RunSettings;
  readonly dataset: Dataset;
  readonly resume: Checkpoint | undefined;
  /** What the resumed run goes on from. */
  readonly from: LoopState;
  readonly program?: Program;
}

export function saver(parts: SaverParts): Saver {
  const { model, places, settings, dataset, resume, from, program } = parts;
  let last: Kept | undefined = resume && { path: resume.path, state: from };
  let since = performance.now();
  return {
    async save(state, kind) {
      const path = places.checkpoint(kind);
      const { position, best, history, sums } = state;
      await saveCheckpoint(path, model, {
        epoch: position.epoch,
        position: position.batch,
        best,
        data: dataset.fingerprint,
        settings: { ...showSettings(settings), ...(program && { program: showProgram(program) }) },
        preprocessing: showPreprocessing(dataset.preprocessing),
        sums,
        history,
      });
      if (kind === 'last') last = { path, state };
      since = performance.now();
    },
    last: () => last,
    secondsSince: () => (performance.now() - since) / 1000,
  };
}

/** Where a resumed run stands. */
export function stateOf({ training }: Checkpoint, model: Model): LoopState {
  const { epoch, position, best, history, sums } = training;
  return { position: { epoch, batch: position, step: model.stepsTaken }, history, best, sums };
}

/**
 * Does the work with the state of a checkpoint, after which the model's own is back.
 * @returns nothing where the checkpoint is not there any more, or damaged
 */
export async function restoreInto<T>(
  model: Model,
  path: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  let checkpoint: Checkpoint;
  try {
    checkpoint = await readCheckpoint(path);
  } catch (error) {
    if (error instanceof DiagnosticError) return undefined;
    throw error;
  }
  const own = await model.snapshot();
  await restoreCheckpoint(checkpoint, model);
  try {
    return await work();
  } finally {
    await model.load(own);
  }
}
