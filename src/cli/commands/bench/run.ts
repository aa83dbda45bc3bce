// `nnc bench`: compiles the model, times complete steps as in `nnc train`, then their kernels, and reports both. The data are random; a
// step's time does not depend on them.
import { printableJson } from '../../../diagnostics/printable.ts';
import { compile } from '../../../compile.ts';
import type { Source } from '../../../diagnostics/source.ts';
import type { Model, ModelArrays } from '../../../runtime/model.ts';
import type { OptionValues } from '../../arguments.ts';
import type { BenchOptions } from './options.ts';
import { describeBench, showBench } from './report.ts';
import { buildModel } from '../../../driver/build-model.ts';
import { cacheOf } from '../../../driver/cache.ts';
import { drawBatch } from '../../../targets/profile/data.ts';
import { repeatFor, type Times } from '../../../targets/profile/time.ts';
import { exitCodes } from '../../failure.ts';
import type { Streams } from '../../streams.ts';
import { targets } from '../../../targets/table.ts';

export async function runBench(
  source: Source,
  given: OptionValues<BenchOptions>,
  streams: Streams,
): Promise<number> {
  const { mode, threads, deterministic, seconds = 2, batch, set, json, model: name } = given;
  const options = {
    overrides: set,
    ...(batch !== undefined && { batch }),
    ...(name !== undefined && { model: name }),
  };
  const module = await buildModel({
    ...{ source, options, deterministic, note: streams.note },
    ...(given.target !== undefined && { target: given.target }),
    ...(mode !== undefined && { mode }),
    ...(threads !== undefined && { threads }),
  });
  const { specification, target, device } = module;
  for (const warning of module.warnings) streams.note(warning);
  const data = drawBatch(specification);

  streams.note(`timing steps of ${specification.name}, batch ${specification.batch}`);
  const model = await module.create(device);
  const { mode: ranOn, allocated } = model;
  const { step, resident } = await timeSteps(model, data, seconds);

  streams.note('timing kernels');
  const compiled = compile(source, { ...options, target, programs: ['step'] });
  const cache = cacheOf(target);
  const profile = await targets[target].profile({ compiled, module, batch: data, seconds, device, cache });
  const described = describeBench({ specification, mode: ranOn, step, profile, allocated, resident });
  streams.result(json ? printableJson(described) : showBench(described));
  return exitCodes.done;
}

/** A third of the time is warm-up, for the engine's optimizing compiler. */
async function timeSteps(
  model: Model,
  data: ModelArrays,
  seconds: number,
): Promise<{ readonly step: Times; readonly resident: number }> {
  try {
    await repeatFor(seconds / 3, () => model.step(data));
    const step = await repeatFor(seconds, () => model.step(data));
    return { step, resident: process.memoryUsage.rss() };
  } finally {
    await model.destroy();
  }
}
