// One training run: data, model and an earlier checkpoint are brought together, checked against one another before anything is
// trained, and handed to the loop. What leaves is the record of the run; checkpoints are written on the way.
import { fail } from '../diagnostics/diagnostic.ts';
import type { Model, ModelOptions } from '../runtime/model.ts';
import type { ModelSpecification } from '../runtime/specification.ts';
import { checkData, restoreCheckpoint, saveCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { Dataset } from './data/dataset.ts';
import { loadData } from './data/load-data.ts';
import type { Position, TrainingObserver } from './loop-events.ts';
import { trainingLoop } from './loop.ts';
import { loopData } from './run-data.ts';
import { availableMemory, checkMemory } from './run-memory.ts';
import { recordRun, type RunRecord } from './run-record.ts';
import { resumeSettings, showSettings, type RunSettings, type RunWishes } from './run-settings.ts';

/** What a generated module's `create` takes beside the model's own options; each target knows some of them. */
export interface DeviceOptions {
  /** gpu.js's mode. */
  readonly mode?: string;
  /** Threads, on wasm. */
  readonly threads?: number;
  /** No fused multiply-adds, on wasm. */
  readonly deterministic?: boolean;
}

export interface RunRequest {
  readonly specification: ModelSpecification;
  create(options: ModelOptions & DeviceOptions): Promise<Model>;
  readonly wishes: RunWishes;
  /** Where and how the model is to run. */
  readonly device?: DeviceOptions;
  /** The folder of the `.nn` file, which data paths are relative to. */
  readonly folder: string;
  readonly dataRoot?: string;
  /** Gives the place to keep the checkpoint; asked for before the first time one is written. */
  checkpointPath(): Promise<string>;
  readonly resume?: Checkpoint;
  readonly observer: TrainingObserver;
  readonly signal: AbortSignal;
  /** Called once the run is ready to start. */
  prepared(facts: { readonly mode: string; readonly data: string }): void;
  /** Bytes that the run may take; what the machine has left by default. */
  readonly available?: number;
}

export async function runTraining(request: RunRequest): Promise<RunRecord> {
  const { specification, resume } = request;
  const { data: setting } = specification;
  if (!setting) return fail('data.none', undefined, { model: specification.name });
  const settings = resumeSettings(specification, request.wishes, resume);
  checkMemory(specification, request.available ?? availableMemory());

  const dataset = await loadData(setting, specification, {
    folder: request.folder,
    ...(request.dataRoot !== undefined && { dataRoot: request.dataRoot }),
    validation: settings.validation,
    seed: settings.seed,
  });
  if (resume) checkData(resume, dataset);
  const data = loopData(dataset, settings);

  const model = await request.create({
    seed: settings.seed,
    ...request.device,
  });
  try {
    if (resume) await restoreCheckpoint(resume, model);
    // float32 holds no larger count of steps; a schedule that long is flat anyway
    model.totalSteps = Math.min(settings.epochs * data.stepsPerEpoch, 2 ** 24);
    request.prepared({ mode: model.mode, data: dataset.description });

    let checkpoint = resume?.path;
    const result = await trainingLoop({
      model,
      data,
      epochs: settings.epochs,
      from: positionOf(resume, model),
      observer: request.observer,
      signal: request.signal,
      save: async (position) => {
        checkpoint = await request.checkpointPath();
        await save(checkpoint, model, position, dataset, settings);
      },
    });
    return recordRun(result, {
      specification,
      mode: model.mode,
      seed: settings.seed,
      checkpoint: checkpoint ?? null,
    });
  } finally {
    await model.destroy();
  }
}

function positionOf(resume: Checkpoint | undefined, model: Model): Position {
  if (!resume) return { epoch: 0, batch: 0, step: 0 };
  const { epoch, position } = resume.training;
  return { epoch, batch: position, step: model.stepsTaken };
}

function save(
  path: string,
  model: Model,
  position: Position,
  dataset: Dataset,
  settings: RunSettings,
): Promise<void> {
  return saveCheckpoint(path, model, {
    epoch: position.epoch,
    position: position.batch,
    best: null,
    data: dataset.fingerprint,
    settings: showSettings(settings),
  });
}
