// `nnc export`: selects weights, format and output.
import { basename, extname, join } from 'node:path';
import { compile } from '../../../compile.ts';
import type { Compilation } from '../../../driver/compilation.ts';
import { fail } from '../../../diagnostics/diagnostic.ts';
import type { Source } from '../../../diagnostics/source.ts';
import { isPlain } from '../../../runtime/preparation/form.ts';
import { initialize } from '../../../runtime/initialize.ts';
import type { Checkpoint } from '../../../train/checkpoint/checkpoint.ts';
import type { StandaloneModule } from '../../../export/standalone/export-standalone.ts';
import { showPreprocessing, type Preprocessing } from '../../../train/data/prepare/preprocessing.ts';
import type { OptionValues } from '../../arguments.ts';
import { productName } from '../../../driver/build.ts';
import type { ExportOptions, namings } from './options.ts';
import { extensions, typesPath, type Form } from './paths.ts';
import { exitCodes } from '../../failure.ts';
import { programFrom } from '../../program-from.ts';
import { noteWarnings } from '../../warnings.ts';
import type { Streams } from '../../streams.ts';
import { lookForTrained, preprocessingOf, tensorsOf } from '../../trained.ts';
import { version } from '../../version.ts';
import { writeOut } from '../../write-out.ts';
import { ownFolder } from '../../write-products.ts';

export async function exportFile(
  source: Source,
  options: OptionValues<ExportOptions>,
  streams: Streams,
): Promise<number> {
  const form = formOf(options);
  const name = productName(source, options.model);
  const common = { overrides: options.set, ...(options.model !== undefined && { model: options.model }) };
  const at = (batch: number): Compilation => compile(source, { ...common, batch, programs: ['forward'] });
  const compilation = at(form === 'onnx' ? (options.batch ?? 2) : 1);
  noteWarnings(compilation, streams);
  const { fingerprint, train } = compilation.specification;
  const found = options.initial
    ? undefined
    : await lookForTrained({
        name,
        given: options.checkpoint,
        program: programFrom(source, options.set, options.model),
        fingerprint: () => Promise.resolve(fingerprint),
        streams,
        now: Date.now(),
      });
  const trained = found?.checkpoint;
  const weights = weightsOf(compilation, trained);
  if (!trained)
    streams.note(
      `${options.initial ? '' : 'the model has not been trained: '}initial weights, seed ${train.seed}`,
    );
  if (options.raw && form !== 'onnx' && form !== 'standalone')
    fail('option.value', undefined, {
      option: '--raw',
      expected: '--format onnx or --standalone beside it',
      found: form,
    });
  const out = options.out ?? join(await ownFolder('build'), `${name}${extensions[form]}`);
  const write = (path: string, content: string | Uint8Array) =>
    writeOut(path, content, streams, options.out === undefined ? 'replace' : 'follow');
  switch (form) {
    case 'safetensors':
      await write(out, await safetensors(compilation, weights, options.names ?? 'pytorch'));
      break;
    case 'onnx': {
      const { exportOnnx } = await import('../../../export/onnx/export-onnx.ts');
      const preprocessing = trained && preprocessingOf(trained);
      const preparation = options.raw ? undefined : preprocessing;
      const { bytes, fixedBatch } = exportOnnx({
        name: compilation.specification.name,
        model: compilation.elaborated,
        ...(options.batch === undefined && { other: at(3).elaborated }),
        weights,
        ...(preparation && { preparation }),
        ...(preprocessing && { metadata: metadataOf(preprocessing, options.raw) }),
        version: version(),
      });
      if (fixedBatch !== undefined)
        streams.note(`note: the batch is fixed at 2 (${fixedBatch}); --batch sets another`);
      if (trained) noteOnnx(preprocessing, options.raw, streams);
      await write(out, bytes);
      break;
    }
    case 'standalone': {
      const preprocessing = trained && !options.raw ? preprocessingOf(trained) : undefined;
      if (!preprocessing && !options.raw)
        streams.note('note: nothing says how examples were prepared; `predict` takes them as the model does');
      const { module, types } = await standalone(compilation, weights, preprocessing, out);
      await write(out, module);
      await write(typesPath(out), types);
      break;
    }
    case 'module': {
      const { exportModule } = await import('./module.ts');
      await exportModule(
        { source, name, specification: compilation.specification, trained, out },
        options,
        streams,
      );
      break;
    }
  }
  return exitCodes.done;
}

/** The record of preparation, and who does what it says. */
function metadataOf(preprocessing: Preprocessing, raw: boolean): ReadonlyMap<string, string> {
  return new Map([
    ['preprocessing', JSON.stringify(showPreprocessing(preprocessing))],
    ['prepared_by', raw ? 'caller' : 'graph'],
  ]);
}

/** Says what of the preparation is not in the graph. */
function noteOnnx(preprocessing: Preprocessing | undefined, raw: boolean, streams: Streams): void {
  if (!preprocessing) {
    streams.note('note: nothing says how examples were prepared; the graph takes them as the model does');
  } else if (raw) {
    if (!preprocessing.inputs.every(isPlain))
      streams.note(
        'note: the graph takes prepared examples; its metadata `preprocessing` says how they are prepared',
      );
  } else if (preprocessing.inputs.some((input) => input.kind === 'image')) {
    const resized = preprocessing.inputs.some((input) => input.kind === 'image' && input.resize);
    const steps = resized ? 'decoding and resizing pictures is' : 'decoding pictures is';
    streams.note(
      `note: ${steps} not in the graph; it takes bytes from 0 to 255 in planes, of the input's size`,
    );
  }
}

function formOf({ format, standalone, out }: OptionValues<ExportOptions>): Form {
  if (standalone) {
    if (format !== undefined)
      fail('option.value', undefined, {
        option: '--format',
        expected: 'no --standalone beside it',
        found: format,
      });
    return 'standalone';
  }
  const byName: ReadonlyMap<string, Form> = new Map([
    ['.onnx', 'onnx'],
    ['.safetensors', 'safetensors'],
  ]);
  const form = format ?? byName.get(extname(out ?? ''));
  if (form !== undefined) return form;
  return fail('option.value', undefined, {
    option: '--format',
    expected: 'onnx, safetensors or module (or give --standalone)',
    found: 'nothing',
  });
}

async function standalone(
  { specification, programs }: Compilation,
  weights: ReadonlyMap<string, Float32Array>,
  preprocessing: Preprocessing | undefined,
  out: string,
): Promise<StandaloneModule> {
  const { exportStandalone } = await import('../../../export/standalone/export-standalone.ts');
  const program = programs.get('forward');
  if (!program) throw new Error('the compiler gave no forward program');
  return exportStandalone({
    specification,
    program,
    weights,
    ...(preprocessing && { preparation: preprocessing }),
    name: basename(out, extname(out)),
    version: version(),
  });
}

/** The weights of a checkpoint, or the initial ones. */
export function weightsOf(
  { specification }: Compilation,
  trained: Checkpoint | undefined,
): ReadonlyMap<string, Float32Array> {
  if (trained) return tensorsOf(trained, specification);
  const { stored, train } = specification;
  return new Map(stored.map((tensor) => [tensor.path, initialize(tensor, train.seed)]));
}

async function safetensors(
  { specification, elaborated }: Compilation,
  weights: ReadonlyMap<string, Float32Array>,
  names: (typeof namings)[number],
): Promise<Uint8Array> {
  const [{ foreignTensors }, { writeForeignWeights, writeOwnWeights }] = await Promise.all([
    import('../../../export/safetensors/pytorch-names.ts'),
    import('../../../export/safetensors/write-weights.ts'),
  ]);
  if (names === 'nnc') return writeOwnWeights(specification.stored, weights);
  return writeForeignWeights(foreignTensors(elaborated.layers, specification.stored), weights);
}
