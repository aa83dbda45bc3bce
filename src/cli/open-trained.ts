// From a source and options to a running model that has a checkpoint's state, and back: the model is destroyed when the work is done.
import type { Source } from '../diagnostics/source.ts';
import type { Model } from '../runtime/model.ts';
import { restoreCheckpoint, type Checkpoint } from '../train/checkpoint/checkpoint.ts';
import type { OptionValues } from './arguments.ts';
import { resolveTarget } from '../driver/choose-target.ts';
import { build, loadBuild, productName } from '../driver/build.ts';
import type { TrainedOptions } from './run-options.ts';
import type { Streams } from './streams.ts';
import { chooseTarget } from '../targets/table.ts';
import { findTrained } from './trained.ts';

export async function withTrained<T>(
  source: Source,
  options: OptionValues<TrainedOptions>,
  streams: Streams,
  work: (model: Model, checkpoint: Checkpoint) => Promise<T>,
): Promise<T> {
  const { set, batch, mode, threads, deterministic, model: chosen } = options;
  const wish = chooseTarget(options.target, mode, deterministic);
  const checkpoint = await findTrained(productName(source, chosen), options.checkpoint, streams);
  const compiled = {
    overrides: set,
    ...(batch !== undefined && { batch }),
    ...(chosen !== undefined && { model: chosen }),
  };
  const target = await resolveTarget(
    wish,
    {
      source,
      options: compiled,
      deterministic,
      program: 'evaluate',
      ...(threads !== undefined && { threads }),
    },
    streams.note,
  );
  const built = await build({ source, target, deterministic, options: compiled });
  for (const warning of built.warnings) streams.note(warning);
  const { create } = await loadBuild(built);
  const model = await create({
    deterministic,
    ...(mode !== undefined && { mode }),
    ...(threads !== undefined && { threads }),
  });
  try {
    await restoreCheckpoint(checkpoint, model);
    return await work(model, checkpoint);
  } finally {
    await model.destroy();
  }
}
