// `nnc import`: weights are matched with the model, combined with new optimizer state, and sealed as a checkpoint of a run at step 0. If
// the model's data is available, the checkpoint contains the preprocessing of examples.
import { dirname, join, resolve } from 'node:path';
import { compile } from '../../../compile.ts';
import { DiagnosticError } from '../../../diagnostics/diagnostic.ts';
import { printable } from '../../../diagnostics/printable.ts';
import type { Source } from '../../../diagnostics/source.ts';
import { foreignTensors } from '../../../export/safetensors/pytorch-names.ts';
import { matchWeights } from '../../../export/safetensors/match-weights.ts';
import { parseNameMap } from '../../../export/safetensors/name-map.ts';
import { safetensorsHead } from '../../../runtime/safetensors.ts';
import { initialize } from '../../../runtime/initialize.ts';
import { mostSteps, modelMetadata } from '../../../runtime/model-file.ts';
import type { ModelSpecification } from '../../../runtime/specification.ts';
import { saveCheckpoint, type SavedModel } from '../../../train/checkpoint/checkpoint.ts';
import { systemFiles, writeWhole } from '../../../train/checkpoint/files.ts';
import type { Dataset } from '../../../train/data/dataset.ts';
import { loadData } from '../../../train/data/load-data.ts';
import { showPreprocessing } from '../../../train/data/prepare/preprocessing.ts';
import { noSums } from '../../../train/loop/metrics.ts';
import { importName } from '../../../train/run/context.ts';
import { resumeSettings, showSettings } from '../../../train/run/settings.ts';
import { productName } from '../../../driver/build.ts';
import { exitCodes } from '../../failure.ts';
import { readBounded } from '../../locate.ts';
import { noteWarnings } from '../../warnings.ts';
import { RunFolder } from '../../run-folder.ts';
import type { Streams } from '../../streams.ts';

export interface ImportOptions {
  readonly map: string | undefined;
  readonly out: string | undefined;
  readonly 'data-root': string | undefined;
  readonly 'no-data': boolean;
  readonly batch: number | undefined;
  readonly set: ReadonlyMap<string, string>;
  readonly model: string | undefined;
}

const largestWeights = 2 ** 31 - 1;

export async function importFile(
  source: Source,
  weightsPath: string,
  options: ImportOptions,
  streams: Streams,
): Promise<number> {
  const { map, out, batch, set, model } = options;
  const compilation = compile(source, {
    overrides: set,
    ...(batch !== undefined && { batch }),
    ...(model !== undefined && { model }),
  });
  noteWarnings(compilation, streams);
  const { specification } = compilation;
  const names =
    map === undefined
      ? new Map<string, null>()
      : parseNameMap(printable(map), (await readBounded(map, 2 ** 24)).toString());
  const bytes = await readBounded(weightsPath, largestWeights);
  const wanted = foreignTensors(compilation.elaborated.layers, specification.stored);
  const found = matchWeights(printable(weightsPath), bytes, wanted, names);

  const { settings } = resumeSettings(specification, {});
  const dataset = await dataOf(source, options, specification, streams);
  const tensors = new Map(
    specification.stored.map((tensor) => {
      const data = found.get(tensor.path) ?? initialize(tensor, settings.seed);
      return [tensor.path, { shape: tensor.shape, data }];
    }),
  );
  const progress = { stepsTaken: 0, totalSteps: mostSteps, seed: settings.seed };
  const places = new RunFolder(productName(source, model), out);
  const folder = await places.open();
  const path = places.checkpoint('last');
  const imported: SavedModel = {
    specification,
    async saveTo(write, metadata = new Map()) {
      const shapes = new Map([...tensors].map(([tensor, { shape }]) => [tensor, shape]));
      await write(safetensorsHead(shapes, modelMetadata(specification, progress, metadata)));
      for (const { data } of tensors.values())
        await write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    },
  };
  await saveCheckpoint(path, imported, {
    epoch: 0,
    position: 0,
    best: null,
    data: dataset?.fingerprint ?? '',
    settings: showSettings(settings),
    preprocessing: dataset ? showPreprocessing(dataset.preprocessing) : null,
    sums: noSums,
    history: [],
  });
  if (folder !== undefined) {
    const about = { format: 1, model: specification.name, from: weightsPath, tensors: found.size };
    await writeWhole(
      join(folder, importName),
      Buffer.from(`${JSON.stringify(about, undefined, 2)}\n`),
      systemFiles,
    );
  }
  await places.close();
  streams.result(`wrote ${printable(path)} (${found.size} tensors of ${printable(weightsPath)})`);
  return exitCodes.done;
}

/** Undefined if the model names no data, or it is missing. */
async function dataOf(
  source: Source,
  options: ImportOptions,
  specification: ModelSpecification,
  streams: Streams,
): Promise<Dataset | undefined> {
  const { data, train } = specification;
  if (!data || options['no-data']) return undefined;
  const dataRoot = options['data-root'];
  try {
    return await loadData(data, specification, {
      folder: dirname(resolve(source.path)),
      ...(dataRoot !== undefined && { dataRoot }),
      validation: train.validation,
      seed: train.seed,
    });
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    streams.note(
      `note: the data ${data.name} could not be read, so that the checkpoint does not say how examples are prepared`,
    );
    return undefined;
  }
}
