// Prepares a run before its first step: settings, memory, data, model and an earlier checkpoint are checked against one another. Nothing
// is written.
import { fail, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Span } from '../../diagnostics/source.ts';
import type { DeviceOptions, GeneratedModule } from '../../runtime/generated-module.ts';
import type { Model } from '../../runtime/model.ts';
import { usualThreads } from '../../runtime/wasm/host.ts';
import { mostSteps } from '../../runtime/model-file.ts';
import { checkData, restoreCheckpoint, type Checkpoint } from '../checkpoint/checkpoint.ts';
import type { Dataset } from '../data/dataset.ts';
import { loadData } from '../data/load-data.ts';
import type { Monitor } from '../loop/events.ts';
import { chooseMonitor } from '../loop/monitor.ts';
import { atStart, type LoopState } from '../loop/state.ts';
import type { AllowablePart, Change } from './changes.ts';
import { dataBytes, fewExamples, loopData, type RunningData } from './data.ts';
import { availableMemory, checkMemory } from './memory.ts';
import type { Program } from './program.ts';
import { stateOf } from './save.ts';
import { describeScales, setTargetScales } from './target-scale.ts';
import { resumeSettings, type RunSettings, type RunWishes } from './settings.ts';

export interface PreparationRequest extends GeneratedModule {
  readonly wishes: RunWishes;
  readonly device?: DeviceOptions;
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
  readonly resume?: Checkpoint;
  /** The program being trained, compared with that of the resumed run. */
  readonly program?: Program;
  /** The parts that a resumed run may have otherwise. */
  readonly allowed?: ReadonlySet<AllowablePart>;
  readonly available?: number;
  /** Aborts the model's start. */
  readonly signal?: AbortSignal;
}

export interface PreparedRun {
  readonly settings: RunSettings;
  /** What a resumed run has otherwise than before, as it was asked for. */
  readonly changes: readonly Change[];
  readonly dataset: Dataset;
  /** To be closed by the caller. */
  readonly data: RunningData;
  /** To be destroyed by the caller. */
  readonly model: Model;
  readonly state: LoopState;
  /** The number of threads that run the model. */
  readonly threads: number;
  /** Absent if nothing is monitored. */
  readonly monitor: Monitor | undefined;
}

export async function prepareRun(request: PreparationRequest): Promise<PreparedRun> {
  const { specification, resume } = request;
  const { data: setting } = specification;
  if (!setting) return fail('data.none', undefined, { model: specification.name });
  const { program, allowed } = request;
  const { settings, changes } = resumeSettings(
    specification,
    request.wishes,
    resume && {
      checkpoint: resume,
      ...(program && { program }),
      ...(allowed && { allowed }),
    },
  );
  const threads = request.device?.threads ?? (await usualThreads());
  checkMemory(specification, threads, request.available ?? availableMemory());

  const whole = await loadData(setting, specification, {
    folder: request.folder,
    ...(request.dataRoot !== undefined && { dataRoot: request.dataRoot }),
    validation: settings.overfit === undefined ? settings.validation : 0,
    seed: settings.seed,
    ...(request.dataSpan && { span: request.dataSpan }),
    ...(request.reading && { progress: request.reading }),
  });
  for (const found of whole.warnings) request.warn?.(found);
  const dataset = settings.overfit === undefined ? whole : fewExamples(whole, settings.overfit);
  if (resume && !allowed?.has('data')) checkData(resume, dataset);
  // the data is loaded already, so that its memory is no longer available
  const bytes = dataBytes(dataset);
  checkMemory(specification, threads, (request.available ?? availableMemory()) + bytes, bytes);

  const monitor = chooseMonitor(specification, (dataset.validation?.count ?? 0) > 0, settings.monitor);
  if (settings.patience !== undefined && !monitor) fail('patience.unmonitored', undefined, {});
  const data = loopData(dataset, settings);
  let model: Model | undefined;
  try {
    const { device, signal, starting } = request;
    model = await request.create({
      seed: settings.seed,
      ...device,
      ...(signal && { signal }),
      ...(starting && { starting }),
    });
    if (resume) await restoreCheckpoint(resume, model);
    else await setTargetScales(model, dataset);
    // the largest step count exact in float32; so long a schedule is flat anyway
    model.totalSteps = Math.min(settings.epochs * data.stepsPerEpoch, mostSteps);
    model.stepsPerEpoch = data.stepsPerEpoch;
    const state = resume ? stateOf(resume, model) : atStart;
    const description = `${dataset.description}${await describeScales(model)}`;
    return { settings, changes, dataset: { ...dataset, description }, data, model, state, monitor, threads };
  } catch (error) {
    await data.close();
    await model?.destroy();
    throw error;
  }
}
