// Saves the checkpoints of a run, and restores them.
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
import type { CheckpointKind, RunPlaces } from './context.ts';
import { showProgram, type Program } from './program.ts';
import { showSettings, type RunSettings } from './settings.ts';

/** A saved checkpoint. */
export interface Kept {
  readonly path: string;
  readonly state: LoopState;
}

export interface Saver {
  save(state: LoopState, kind: CheckpointKind): Promise<void>;
  /** The latest saved by this run, or the one it was resumed from; undefined if there is none. */
  last(): Kept | undefined;
  /** Seconds since the last save, or since the run's start. */
  secondsSince(): number;
}

export interface SaverParts {
  readonly model: Model;
  readonly places: RunPlaces;
  readonly settings: RunSettings;
  readonly dataset: Dataset;
  readonly resume: Checkpoint | undefined;
  /** The position that the run resumes from. */
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

/** The position of a resumed run. */
export function stateOf({ training }: Checkpoint, model: Model): LoopState {
  const { epoch, position, best, history, sums } = training;
  return { position: { epoch, batch: position, step: model.stepsTaken }, history, best, sums };
}

/**
 * Runs a function with a checkpoint's state in the model, and restores the model's own state afterwards.
 * @returns undefined if the checkpoint is missing or damaged
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
