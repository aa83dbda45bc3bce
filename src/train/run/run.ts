// One training run: data, model and an earlier checkpoint are checked against one another before training, and passed to the loop.
// Returns the record of the run, and writes its folder (src/train/run/context.ts).
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Span } from '../../diagnostics/source.ts';
import { updateClock } from '../../runtime/clock.ts';
import type { DeviceOptions, GeneratedModule } from '../../runtime/generated-module.ts';
import type { Model } from '../../runtime/model.ts';
import type { Json } from '../../runtime/specification.ts';
import { systemFiles, writeWhole } from '../checkpoint/files.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import type { Dataset } from '../data/dataset.ts';
import { observeAll, type Monitor, type TrainingObserver } from '../loop/events.ts';
import type { Now } from '../loop/clock.ts';
import { DivergedError } from '../loop/failure.ts';
import type { LoopState } from '../loop/state.ts';
import { ForecastScore } from '../forecast/forecast-score.ts';
import { trainingLoop, type LoopData } from '../loop/loop.ts';
import { describeRun } from './config.ts';
import type { AllowablePart, Change } from './changes.ts';
import { configName, recordName, type OpenLogger, type RunLogger, type RunPlaces } from './context.ts';
import { explainDivergence, type LocateNonFinite } from './divergence.ts';
import { prepareRun } from './prepare.ts';
import type { Program } from './program.ts';
import { recordRun, type RunOutcome, type RunRecord } from './record.ts';
import { restoreInto, saver } from './save.ts';
import type { RunSettings, RunWishes } from './settings.ts';

export interface RunRequest extends GeneratedModule {
  readonly wishes: RunWishes;
  /** The device and mode that the model runs on. */
  readonly device?: DeviceOptions;
  /** The folder of the `.nn` file, the base of data paths. */
  readonly folder: string;
  readonly dataRoot?: string;
  /** The place of the model's `data` line, for messages. */
  readonly dataSpan?: Span;
  /** Called for everything of the data that is to be looked at. */
  readonly warn?: (found: Diagnostic) => void;
  /** Called while many files are read. */
  readonly reading?: (done: number, total: number) => void;
  /** Called during a long start with the tensor being initialized, and how many of all are done. */
  readonly starting?: (path: string, done: number, total: number) => void;
  readonly places: RunPlaces;
  readonly resume?: Checkpoint;
  readonly observers: readonly TrainingObserver[];
  /** Opened after all checks, if the run has a folder. */
  readonly logs?: readonly OpenLogger[];
  /** The program being trained, compared with that of the resumed run. */
  readonly program?: Program;
  /** The parts that a resumed run may have otherwise. */
  readonly allowed?: ReadonlySet<AllowablePart>;
  /** Called for a log that could not be written completely, after everything else of the run is done. */
  readonly logFailed?: (error: unknown) => void;
  readonly signal: AbortSignal;
  /** Seconds after which training ends. */
  readonly maxSeconds?: number;
  /** The clock; this process's by default. */
  readonly now?: Now;
  /** Steps between checkpoints within an epoch; by default one is written every five minutes. */
  readonly checkpointEvery?: number;
  /** The learning rate of an update, counted from 1, of a total number, if it is known. */
  learningRate?(step: number, totalSteps: number): number | undefined;
  /** Finds the program's origin of a non-finite value. */
  readonly locate?: LocateNonFinite;
  /** Further facts for config.json. */
  readonly about?: { readonly [name: string]: Json };
  /** Called once the run is ready to start. */
  prepared(facts: PreparedFacts): void;
  /** Called when training has diverged, before the last steps are examined. */
  examining?(): void;
  /** Bytes available to the run; by default what the machine has left. */
  readonly available?: number;
}

export interface PreparedFacts {
  readonly mode: string;
  readonly data: string;
  readonly settings: RunSettings;
  /** What a resumed run has otherwise than before, as it was asked for. */
  readonly changes: readonly Change[];
}

/**
 * @throws DivergedError, with the record so far, when a value became NaN or infinite, or the loss exploded
 * @throws the signal's reason, if it was aborted before the model had started
 */
export async function runTraining(request: RunRequest): Promise<RunRecord> {
  const { specification } = request;
  const prepared = await prepareRun(request);
  const { model, settings, changes, dataset, data, monitor, state: from } = prepared;
  try {
    request.prepared({ mode: model.mode, data: dataset.description, settings, changes });
    const folder = await request.places.open();
    // a resumed run has not ended until its new record is written
    if (folder !== undefined) await rm(join(folder, recordName), { force: true });
    const { position } = from;
    const facts = { specification, settings, mode: model.mode, dataset, from: position, begun: new Date() };
    if (folder !== undefined) {
      const { about = {} } = request;
      const config = describeRun({ ...facts, monitor, stepsPerEpoch: data.stepsPerEpoch, about });
      await writeJson(join(folder, configName), config);
    }
    const logs: RunLogger[] = [];
    let record: RunRecord | undefined;
    try {
      if (folder !== undefined)
        for (const open of request.logs ?? []) logs.push(await open({ ...facts, folder, model }));
      record = await train({ request, model, settings, dataset, data, from, monitor, logs, folder });
      return record;
    } finally {
      for (const log of logs) {
        // the error that ended the run takes precedence over its logs' errors; and a failed log does not end the run
        await log.close(record).catch((error: unknown) => {
          if (record) request.logFailed?.(error);
        });
      }
    }
  } finally {
    await data.close();
    await model.destroy();
    await request.places.close?.();
  }
}

interface TrainingParts {
  readonly request: RunRequest;
  readonly model: Model;
  readonly settings: RunSettings;
  readonly dataset: Dataset;
  readonly data: LoopData;
  readonly from: LoopState;
  readonly monitor: Monitor | undefined;
  readonly logs: readonly RunLogger[];
  readonly folder: string | undefined;
}

async function train(parts: TrainingParts): Promise<RunRecord> {
  const { request, model, settings, dataset, data, from, monitor, logs, folder } = parts;
  const { specification, places, resume, checkpointEvery, learningRate } = request;
  const { program } = request;
  const keep = saver({ model, places, settings, dataset, resume, from, ...(program && { program }) });
  const finish = async (outcome: RunOutcome): Promise<RunRecord> => {
    const record = recordRun(outcome, {
      specification,
      mode: model.mode,
      seed: settings.seed,
      checkpoint: keep.last()?.path ?? null,
      bestCheckpoint: places.checkpoint('best'),
    });
    if (folder !== undefined) await writeJson(join(folder, recordName), record);
    return record;
  };
  try {
    const score = new ForecastScore(specification, dataset);
    const result = await trainingLoop({
      model,
      data,
      epochs: settings.epochs,
      from,
      observer: observeAll([
        ...request.observers,
        { examined: (part, first, arrays, found) => score.add(part, first, arrays, found) },
        ...logs,
      ]),
      signal: request.signal,
      ...(monitor && { monitor }),
      ...(settings.patience !== undefined && { patience: settings.patience }),
      ...(request.maxSeconds !== undefined && { maxSeconds: request.maxSeconds }),
      ...(request.now && { now: request.now }),
      ...(learningRate && {
        learningRate: (step) => {
          const clock = updateClock(specification.train, step, model);
          return learningRate(clock.step, clock.steps);
        },
      }),
      saveAfter: (step) =>
        checkpointEvery === undefined
          ? keep.secondsSince() >= saveEverySeconds
          : step % checkpointEvery === 0,
      save: keep.save,
      withBest: (work) => restoreInto(model, places.checkpoint('best'), work),
    });
    const forecast = score.result();
    return await finish({ ...result, ...(forecast && { forecast }) });
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    request.examining?.();
    const { locate, signal } = request;
    const found = await explainDivergence({
      error,
      model,
      dataset,
      data,
      places,
      keep,
      seed: settings.seed,
      signal,
      ...(locate && { locate }),
    });
    const state = keep.last()?.state ?? from;
    await finish({ end: 'diverged', state, seconds: 0, samplesPerSecond: 0 });
    throw found;
  }
}

/** If an epoch takes longer, a killed process loses no more than this. */
const saveEverySeconds = 300;

function writeJson(path: string, value: unknown): Promise<void> {
  return writeWhole(path, Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`), systemFiles);
}
