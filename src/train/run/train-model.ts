// From a source to a trained model in one call, and to a model that has a checkpoint's state: for programs that use nnc as a library.
// The command line calls the same functions below, with more to show on the way.
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { buildModel, type ModelRequest } from '../../driver/build-model.ts';
import type { Model } from '../../runtime/model.ts';
import { readCheckpoint, restoreCheckpoint } from '../checkpoint/checkpoint.ts';
import type { TrainingObserver } from '../loop/events.ts';
import { checkpointNames, type OpenLogger, type RunPlaces } from './context.ts';
import type { RunRecord } from './record.ts';
import { runTraining } from './run.ts';
import type { RunWishes } from './settings.ts';

export interface TrainRequest extends ModelRequest {
  /** The folder for checkpoints, the configuration and the record; made where it is not there. */
  readonly out: string;
  /** Epochs, seed and the like, in place of the model's own. */
  readonly wishes?: RunWishes;
  /** Where data is looked for beside the folder of the source. */
  readonly dataRoot?: string;
  /** The checkpoint to go on from. */
  readonly resume?: string;
  /** Told of the plan, of every step and of every epoch. */
  readonly observer?: TrainingObserver;
  /** Opened in the run's folder. */
  readonly logs?: readonly OpenLogger[];
  /** Ends the run after the step at hand; the state is kept, and `resume` goes on from it. */
  readonly signal?: AbortSignal;
  /** Seconds after which training ends. */
  readonly maxSeconds?: number;
  /** Steps between checkpoints within an epoch; by default one is written every five minutes. */
  readonly checkpointEvery?: number;
}

/**
 * @returns the record of the run: losses, metrics, why it ended and where its checkpoints are
 * @throws DiagnosticError where the source, the data or a wish is at fault
 * @throws DivergedError, with the record until there, when a value became NaN or infinite
 */
export async function train(request: TrainRequest): Promise<RunRecord> {
  const { source, out, wishes = {}, dataRoot, resume, observer, logs, maxSeconds, checkpointEvery } = request;
  const checkpoint = resume === undefined ? undefined : await readCheckpoint(resume);
  const built = await buildModel(request);
  return runTraining({
    ...built,
    wishes,
    places: placesIn(out),
    folder: dirname(resolve(source.path)),
    observers: observer ? [observer] : [],
    signal: request.signal ?? new AbortController().signal,
    about: { program: source.text },
    prepared: () => undefined,
    ...(checkpoint && { resume: checkpoint }),
    ...(dataRoot !== undefined && { dataRoot }),
    ...(logs && { logs }),
    ...(maxSeconds !== undefined && { maxSeconds }),
    ...(checkpointEvery !== undefined && { checkpointEvery }),
  });
}

export interface OpenRequest extends ModelRequest {
  /** The checkpoint whose state the model takes; without one (a record has null) it has its initial state. */
  readonly checkpoint?: string | null;
  /** What the parameters start from, and what random layers draw; by default the model's own. */
  readonly seed?: number;
}

/**
 * A running model. Destroy it when the work is done.
 * @throws DiagnosticError where the source or a wish is at fault, or the checkpoint is of another model
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
      await mkdir(folder, { recursive: true });
      return folder;
    },
    checkpoint: (kind) => join(folder, checkpointNames[kind]),
  };
}
