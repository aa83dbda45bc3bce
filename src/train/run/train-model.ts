// The library's API: trains a model from its source in one call, or opens it with a checkpoint's state. The command line calls the same
// functions below, and shows more of their progress.
import { dirname, join, resolve } from 'node:path';
import { makeFolder } from '../../driver/make-folder.ts';
import { buildModel, type ModelRequest } from '../../driver/build-model.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { importedTexts } from '../../driver/imported-texts.ts';
import type { Model } from '../../runtime/model.ts';
import { readCheckpoint, restoreCheckpoint } from '../checkpoint/checkpoint.ts';
import type { TrainingObserver } from '../loop/events.ts';
import type { AllowablePart } from './changes.ts';
import { checkpointNames, type OpenLogger, type RunPlaces } from './context.ts';
import { aboutProgram, type Program } from './program.ts';
import type { RunRecord } from './record.ts';
import { runTraining } from './run.ts';
import type { RunWishes } from './settings.ts';

export interface TrainRequest extends ModelRequest {
  /** The folder for checkpoints, configuration and record; created if it is missing. */
  readonly out: string;
  /** Epochs, seed and other settings that replace the model's own. */
  readonly wishes?: RunWishes;
  /** An additional folder for data, besides the source's. */
  readonly dataRoot?: string;
  /** The checkpoint to resume from. */
  readonly resume?: string;
  /** The parts of the model and its settings that a resumed run may have otherwise than before. */
  readonly allow?: readonly AllowablePart[];
  /** Receives the plan, every step and every epoch. */
  readonly observer?: TrainingObserver;
  /** Opened in the run's folder. */
  readonly logs?: readonly OpenLogger[];
  /** Ends the run after the current step; the state is saved, and `resume` continues from it. */
  readonly signal?: AbortSignal;
  /** Called for everything of the data that is to be looked at. */
  readonly warn?: (found: Diagnostic) => void;
  /** Seconds after which training ends. */
  readonly maxSeconds?: number;
  /** Steps between checkpoints within an epoch; by default one is written every five minutes. */
  readonly checkpointEvery?: number;
}

/**
 * @returns the record of the run: losses, metrics, why it ended and its checkpoints' paths
 * @throws DiagnosticError where the source, the data or a setting is invalid
 * @throws DivergedError, with the record so far, when a value became NaN or infinite, or the loss exploded
 */
export async function train(request: TrainRequest): Promise<RunRecord> {
  const { source, options, out, wishes = {}, dataRoot, resume, allow, observer, logs } = request;
  const { maxSeconds, checkpointEvery, warn } = request;
  const checkpoint = resume === undefined ? undefined : await readCheckpoint(resume);
  const built = await buildModel(request);
  const program: Program = {
    text: source.text,
    overrides: options?.overrides ?? new Map(),
    imports: importedTexts(source),
    ...(options?.model !== undefined && { model: options.model }),
  };
  return runTraining({
    ...built,
    wishes,
    places: placesIn(out),
    folder: dirname(resolve(source.path)),
    observers: observer ? [observer] : [],
    signal: request.signal ?? new AbortController().signal,
    about: aboutProgram(program),
    program,
    prepared: () => undefined,
    ...(allow && { allowed: new Set(allow) }),
    ...(checkpoint && { resume: checkpoint }),
    ...(dataRoot !== undefined && { dataRoot }),
    ...(logs && { logs }),
    ...(warn && { warn }),
    ...(maxSeconds !== undefined && { maxSeconds }),
    ...(checkpointEvery !== undefined && { checkpointEvery }),
  });
}

export interface OpenRequest extends ModelRequest {
  /** The checkpoint to load; without one (a record has null) the model has its initial state. */
  readonly checkpoint?: string | null;
  /** The seed of the initial parameters and of random layers; by default the model's own. */
  readonly seed?: number;
}

/**
 * A running model. Destroy it after use.
 * @throws DiagnosticError where the source or an option is invalid, or the checkpoint is of another model
 */
export async function openModel(request: OpenRequest): Promise<Model> {
  const { checkpoint = null, seed } = request;
  const state = checkpoint === null ? undefined : await readCheckpoint(checkpoint);
  const { create, device } = await buildModel({ program: 'evaluate', ...request });
  const model = await create({ ...device, ...(seed !== undefined && { seed }) });
  try {
    if (state) await restoreCheckpoint(state, model);
    return model;
  } catch (error) {
    await model.destroy();
    throw error;
  }
}

function placesIn(folder: string): RunPlaces {
  return {
    async open() {
      await makeFolder(folder);
      return folder;
    },
    checkpoint: (kind) => join(folder, checkpointNames[kind]),
  };
}
