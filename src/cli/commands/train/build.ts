// Compiles the module for `nnc train` and prepares the request for its run: shared by training, the dry run and the learning-rate range
// test.
import { dirname, resolve } from 'node:path';
import type { CompileOptions } from '../../../compile.ts';
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { renderDiagnostic } from '../../../diagnostics/render.ts';
import type { Source } from '../../../diagnostics/source.ts';
import type { RunWishes } from '../../../train/run/settings.ts';
import type { OptionValues } from '../../arguments.ts';
import { buildModel, type BuiltModel } from '../../../driver/build-model.ts';
import type { Trial } from '../../run-folder.ts';
import type { Streams } from '../../streams.ts';
import type { TrainOptions } from './options.ts';

export interface TrainBuild extends Omit<BuiltModel, 'warnings'> {
  /** The options that the module was compiled with, batch included. */
  readonly compiled: Omit<CompileOptions, 'target'>;
  readonly wishes: RunWishes;
  /** Prints a warning about the data. */
  readonly warn: (found: Diagnostic) => void;
  /** Of the `.nn` file. */
  readonly folder: string;
  readonly dataRoot?: string;
}

/** @param changes to the compilation: overrides with lower precedence than the user's, another schedule */
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
  const request = {
    ...{ source, deterministic, note: streams.note },
    ...(mode !== undefined && { mode }),
    ...(threads !== undefined && { threads }),
  };
  const wish = options.target === undefined ? {} : { target: options.target };
  const first = await buildModel({ ...request, ...wish, options: compiled });
  // the batch is limited to the few examples, unless one was requested
  const tooLarge = batch === undefined && overfit !== undefined && overfit < first.specification.batch;
  const { warnings, ...built } = tooLarge
    ? await buildModel({ ...request, target: first.target, options: { ...compiled, batch: overfit } })
    : first;
  for (const warning of warnings) streams.note(warning);
  return {
    ...built,
    compiled: { ...compiled, batch: built.specification.batch },
    wishes: wishesOf(options),
    warn: (found) => streams.note(renderDiagnostic(found, { color: streams.color })),
    folder: dirname(resolve(source.path)),
    ...(dataRoot !== undefined && { dataRoot }),
  };
}

/** The options that make a run a trial. */
export function trialIn({ overfit, 'limit-batches': limitBatches }: OptionValues<TrainOptions>): Trial {
  return {
    ...(overfit !== undefined && { overfit }),
    ...(limitBatches !== undefined && { limitBatches }),
  };
}

function wishesOf(options: OptionValues<TrainOptions>): RunWishes {
  const { epochs, seed, validation, patience, monitor } = options;
  return {
    ...(epochs !== undefined && { epochs }),
    ...(seed !== undefined && { seed }),
    ...(validation !== undefined && { validation }),
    ...trialIn(options),
    ...(patience !== undefined && { patience }),
    ...(monitor !== undefined && { monitor }),
  };
}
