// From the options of `nnc train` to a compiled module, and what a run of it is asked for: shared by training, the dry run and the
// range test of the learning rate.
import { dirname, resolve } from 'node:path';
import type { LearningRate } from '../../../driver/compilation.ts';
import type { CompileOptions } from '../../../compile.ts';
import type { Source } from '../../../diagnostics/source.ts';
import { scalarProgram } from '../../../ir/stages/scalar-program.ts';
import type { DeviceOptions, GeneratedModule } from '../../../runtime/generated-module.ts';
import type { RunWishes } from '../../../train/run/settings.ts';
import type { OptionValues } from '../../arguments.ts';
import { resolveTarget } from '../../../driver/choose-target.ts';
import { build, loadBuild } from '../../../driver/build.ts';
import type { Streams } from '../../streams.ts';
import { chooseTarget } from '../../../targets/table.ts';
import type { TrainOptions } from './options.ts';

export interface TrainBuild extends GeneratedModule {
  /** What the module was compiled with, batch included. */
  readonly compiled: Omit<CompileOptions, 'target'>;
  readonly learningRate: LearningRate | null;
  readonly wishes: RunWishes;
  readonly device: DeviceOptions;
  /** Of the `.nn` file. */
  readonly folder: string;
  readonly dataRoot?: string;
}

/** @param changes to what is compiled: overrides that come before the user's, another schedule */
export async function buildForTraining(
  source: Source,
  options: OptionValues<TrainOptions>,
  streams: Streams,
  changes: Pick<CompileOptions, 'overrides' | 'schedule'> = {},
): Promise<TrainBuild> {
  const { batch, mode, threads, deterministic, model, overfit, 'data-root': dataRoot } = options;
  const compiled = {
    ...changes,
    overrides: new Map([...options.set, ...(changes.overrides ?? [])]),
    ...(batch !== undefined && { batch }),
    ...(model !== undefined && { model }),
  };
  const wanted = {
    source,
    options: compiled,
    deterministic,
    ...(threads !== undefined && { threads }),
  };
  const target = await resolveTarget(chooseTarget(options.target, mode, deterministic), wanted, streams.note);
  const buildWith = async (chosen: Omit<CompileOptions, 'target'>) => {
    const built = await build({ source, target, deterministic, options: chosen });
    return { built, ...(await loadBuild(built)) };
  };
  const first = await buildWith(compiled);
  // a batch of the few examples there are, unless another was asked for
  const tooLarge = batch === undefined && overfit !== undefined && overfit < first.specification.batch;
  const { built, specification, create } = tooLarge
    ? await buildWith({ ...compiled, batch: overfit })
    : first;
  for (const warning of built.warnings) streams.note(warning);
  return {
    specification,
    create,
    compiled: { ...compiled, batch: specification.batch },
    learningRate: built.learningRate,
    wishes: wishesOf(options),
    device: {
      deterministic,
      ...(mode !== undefined && { mode }),
      ...(threads !== undefined && { threads }),
    },
    folder: dirname(resolve(source.path)),
    ...(dataRoot !== undefined && { dataRoot }),
  };
}

function wishesOf(options: OptionValues<TrainOptions>): RunWishes {
  const { epochs, seed, validation, overfit, patience, monitor, 'limit-batches': limitBatches } = options;
  return {
    ...(epochs !== undefined && { epochs }),
    ...(seed !== undefined && { seed }),
    ...(validation !== undefined && { validation }),
    ...(limitBatches !== undefined && { limitBatches }),
    ...(overfit !== undefined && { overfit }),
    ...(patience !== undefined && { patience }),
    ...(monitor !== undefined && { monitor }),
  };
}

/** The learning rate of an update, counted from 1, of so many; nothing where it is not known. */
export function rateOf(known: LearningRate | null): ((step: number, steps: number) => number) | undefined {
  if (!known) return undefined;
  const { rate } = known;
  if (!known.factor) return () => rate;
  const factor = scalarProgram(known.factor);
  const inputs = new Map<string, number>();
  return (
    factor &&
    ((step, steps) => {
      inputs.set('step', step).set('steps', steps);
      return rate * factor(inputs);
    })
  );
}
