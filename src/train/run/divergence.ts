// Explains the divergence of a run. Checking every step would slow down every step; but training is bitwise reproducible, so the steps
// since the last checkpoint are repeated, each checked, up to the first that computes a non-finite value or an exploded loss. The state
// before it is saved, and a step with a non-finite value is examined value by value.
import { clockInputs, updateClock } from '../../runtime/clock.ts';
import type { Model, ModelArrays } from '../../runtime/model.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic.ts';
import { readCheckpoint, restoreCheckpoint } from '../checkpoint/checkpoint.ts';
import { DivergedError, nonFiniteState } from '../loop/failure.ts';
import { MetricMeans } from '../loop/metrics.ts';
import { turnIfDue } from '../../runtime/event-loop.ts';
import { advance, atStart, type LoopState } from '../loop/state.ts';
import type { LoopData } from '../loop/loop.ts';
import type { Dataset } from '../data/dataset.ts';
import type { RunPlaces } from './context.ts';
import type { Saver } from './save.ts';
import { setTargetScales } from './target-scale.ts';

/** A run of a program that computed a non-finite value, with all of its inputs. */
export interface FailedProgram {
  readonly program: 'step' | 'evaluate';
  /** By name: inputs and targets of one batch, and the program's clock. */
  readonly inputs: ReadonlyMap<string, Float32Array>;
  /** By path, before the program ran. */
  readonly stored: ReadonlyMap<string, Float32Array>;
}

/** Describes where in the program the value first occurred; undefined if it did not recur. */
export type LocateNonFinite = (failed: FailedProgram) => Promise<string | undefined>;

export interface DivergenceParts {
  readonly error: DivergedError;
  readonly model: Model;
  readonly dataset: Pick<Dataset, 'scales'>;
  readonly data: LoopData;
  readonly places: RunPlaces;
  readonly keep: Saver;
  readonly seed: number;
  /** Aborts the search. */
  readonly signal: AbortSignal;
  readonly locate?: LocateNonFinite;
}

/** The error to report: that of the first failing step, with the search's results and the path of the saved state. */
export async function explainDivergence(parts: DivergenceParts): Promise<DivergedError> {
  const { error, keep, places } = parts;
  const found = await findStep(parts, error.divergence.totalStep - 1);
  if (!found) return error;
  const { divergence = error.divergence, state, failed } = found;
  await keep.save(state, 'before-divergence');
  const explanation = failed && (await locate(parts, failed));
  return new DivergedError(divergence, {
    kept: places.checkpoint('before-divergence'),
    ...(explanation !== undefined && { explanation }),
  });
}

/** A failed search must not hide that training has diverged. */
async function locate(parts: DivergenceParts, failed: FailedProgram): Promise<string | undefined> {
  try {
    return await parts.locate?.(failed);
  } catch (error) {
    return `where it came from could not be found: ${error instanceof Error ? error.message : String(error)}`;
  }
}

interface FoundStep {
  /** Absent if all steps are finite: then the evaluation fails. */
  readonly divergence?: DivergedError['divergence'];
  /** The state before the step. */
  readonly state: LoopState;
  readonly failed?: FailedProgram;
}

/** @param snapshotFrom the step from which on the state is saved before each step: the failure is expected near it */
async function findStep(parts: DivergenceParts, snapshotFrom: number): Promise<FoundStep | undefined> {
  const { model, data, error, signal } = parts;
  let state = await restart(parts);
  if (!state) return undefined;
  const means = new MetricMeans(model.specification.metrics, state.sums.metrics, state.sums.steps);
  const last = error.divergence.totalStep;
  while (state.position.step < last) {
    const { epoch, batch, step } = state.position;
    for await (const arrays of data.batches(epoch, batch)) {
      if (signal.aborted) return undefined;
      const before: LoopState = state;
      const number: number = before.position.step + 1;
      const remembered = number >= snapshotFrom ? await model.snapshot() : undefined;
      const { loss, statistics } = await model.step(arrays);
      const position = advance(before.position, data.stepsPerEpoch);
      const { limit = Infinity } = error.divergence;
      const diverged =
        DivergedError.ofLoss(loss, limit, position, data.stepsPerEpoch) ??
        (await nonFiniteState(model, position, data.stepsPerEpoch));
      if (diverged) {
        if (!remembered) return findStep(parts, number);
        await model.load(remembered);
        const { divergence } = diverged;
        // an exploded loss is finite: it came from nowhere but the steps before
        const failed = divergence.limit === undefined && (await failedStep(model, arrays));
        return { divergence, state: before, ...(failed && { failed }) };
      }
      means.add(statistics, 1);
      const { sums } = before;
      state = {
        ...before,
        position,
        sums: { ...sums, steps: sums.steps + 1, loss: sums.loss + loss, metrics: means.sums() },
      };
      await turnIfDue();
      if (position.step === last || position.batch === 0) break;
    }
    if (state.position.step === step) return undefined;
  }
  return findEvaluation(parts, {
    ...state,
    position: { ...state.position, epoch: error.divergence.epoch - 1, batch: data.stepsPerEpoch },
  });
}

/** Restores the run's initial or last saved state. */
async function restart({ model, dataset, keep, seed }: DivergenceParts): Promise<LoopState | undefined> {
  const { totalSteps } = model;
  const kept = keep.last();
  if (!kept) {
    await model.reset(seed);
    await setTargetScales(model, dataset);
    return atStart;
  }
  try {
    await restoreCheckpoint(await readCheckpoint(kept.path), model);
  } catch (error) {
    if (error instanceof DiagnosticError) return undefined;
    throw error;
  }
  model.totalSteps = totalSteps;
  return kept.state;
}

/** The first batch of the validation part with a non-finite loss. */
async function findEvaluation(
  { model, data: { validation }, signal }: DivergenceParts,
  state: LoopState,
): Promise<FoundStep> {
  const { batch } = model.specification;
  for (let start = 0; start < (validation?.count ?? 0); start += batch) {
    if (signal.aborted || !validation) break;
    const end = Math.min(start + batch, validation.count);
    const arrays = validation.slice(start, end);
    const { losses } = await model.evaluate(arrays);
    if (losses.every((loss) => Number.isFinite(loss))) continue;
    const inputs = new Map<string, Float32Array>();
    for (const [name, values] of Object.entries(arrays)) {
      const example = values.length / (end - start);
      // an incomplete batch is padded with its last example, as the model does
      inputs.set(
        name,
        Float32Array.from({ length: batch * example }, (_, i) =>
          Number(values[i < values.length ? i : values.length - example + (i % example)]),
        ),
      );
    }
    return {
      state,
      failed: { program: 'evaluate', inputs: withClock(model, inputs), stored: await readStored(model) },
    };
  }
  return { state };
}

async function failedStep(model: Model, arrays: ModelArrays): Promise<FailedProgram> {
  const inputs = new Map(
    Object.entries(arrays).map(([name, values]) => [name, Float32Array.from(values)] as const),
  );
  return { program: 'step', inputs: withClock(model, inputs), stored: await readStored(model) };
}

function withClock(
  model: Model,
  inputs: ReadonlyMap<string, Float32Array>,
): ReadonlyMap<string, Float32Array> {
  const step = model.stepsTaken + 1;
  const clock = updateClock(model.specification.train, step, model);
  return new Map([...inputs, ...clockInputs(clock, model.seed, step)]);
}

async function readStored(model: Model): Promise<ReadonlyMap<string, Float32Array>> {
  const stored = new Map<string, Float32Array>();
  for (const { path } of model.specification.stored) stored.set(path, (await model.read(path)).data);
  return stored;
}
