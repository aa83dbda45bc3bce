// Opens a running model with a checkpoint's state from a source and options, and destroys it after use.
import type { Source } from '../diagnostics/source.ts';
import type { Model } from '../runtime/model.ts';
import { restoreCheckpoint } from '../train/checkpoint/checkpoint.ts';
import type { OptionValues } from './arguments.ts';
import { productName } from '../driver/build.ts';
import { buildModel, type BuiltModel } from '../driver/build-model.ts';
import { programFrom } from './program-from.ts';
import type { TrainedOptions } from './run-options.ts';
import type { Streams } from './streams.ts';
import { chooseTarget } from '../targets/table.ts';
import { findTrained } from './trained.ts';
import type { Weights } from './weights.ts';

export async function withTrained<T>(
  source: Source,
  options: OptionValues<TrainedOptions>,
  streams: Streams,
  work: (model: Model, weights: Weights) => Promise<T>,
): Promise<T> {
  const { set, batch, mode, threads, deterministic, model: chosen, target } = options;
  chooseTarget(target, mode, deterministic);
  let building: Promise<BuiltModel> | undefined;
  // a model that was never trained is refused without compiling it
  const build = () =>
    (building ??= buildModel({
      ...{ source, deterministic, program: 'evaluate', note: streams.note },
      options: {
        overrides: set,
        ...(batch !== undefined && { batch }),
        ...(chosen !== undefined && { model: chosen }),
      },
      ...(target !== undefined && { target }),
      ...(mode !== undefined && { mode }),
      ...(threads !== undefined && { threads }),
    }));
  const weights = await findTrained({
    name: productName(source, chosen),
    given: options.checkpoint,
    program: programFrom(source, set, chosen),
    fingerprint: async () => (await build()).specification.fingerprint,
    streams,
    now: Date.now(),
  });
  const built = await build();
  for (const warning of built.warnings) streams.note(warning);
  const model = await built.create(built.device);
  try {
    await restoreCheckpoint(weights.checkpoint, model);
    return await work(model, weights);
  } finally {
    await model.destroy();
  }
}
