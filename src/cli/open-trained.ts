// Opens a running model with a checkpoint's state from a source and options, and destroys it after use.
import type { Source } from '../diagnostics/source.ts';
import type { Model } from '../runtime/model.ts';
import { restoreCheckpoint, type Checkpoint } from '../train/checkpoint/checkpoint.ts';
import type { OptionValues } from './arguments.ts';
import { productName } from '../driver/build.ts';
import { buildModel } from '../driver/build-model.ts';
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
  const { set, batch, mode, threads, deterministic, model: chosen, target } = options;
  chooseTarget(target, mode, deterministic);
  const checkpoint = await findTrained(productName(source, chosen), options.checkpoint, streams);
  const built = await buildModel({
    ...{ source, deterministic, program: 'evaluate', note: streams.note },
    options: {
      overrides: set,
      ...(batch !== undefined && { batch }),
      ...(chosen !== undefined && { model: chosen }),
    },
    ...(target !== undefined && { target }),
    ...(mode !== undefined && { mode }),
    ...(threads !== undefined && { threads }),
  });
  for (const warning of built.warnings) streams.note(warning);
  const model = await built.create(built.device);
  try {
    await restoreCheckpoint(checkpoint, model);
    return await work(model, checkpoint);
  } finally {
    await model.destroy();
  }
}
