// A model's state as a safetensors file: every stored tensor under its path, and in the metadata the model's name and fingerprint, the
// seed and the step. A file is read only if names, shapes and fingerprint match the specification.
import { ModelFileError } from './errors.ts';
import { initialize } from './initialize.ts';
import { preparedSize } from './preparation/form.ts';
import { parsePreparation } from './preparation/parse.ts';
import type { StoredPreparation } from './preparation/preparer.ts';
import { readSafetensors, type SafetensorsFile } from './safetensors.ts';
import { toFloat32 } from './safetensors-dtypes.ts';
import type { ModelSpecification, StoredTensor } from './specification.ts';
import { elementCount, showShape } from './tensor.ts';

export interface ModelProgress {
  readonly stepsTaken: number;
  readonly totalSteps: number;
  readonly seed: number;
}

export interface ModelFile {
  readonly progress: ModelProgress;
  readonly preparation: StoredPreparation | undefined;
  readonly tensors: ReadonlyMap<string, Float32Array>;
}

const format = '1';

/** The largest count exact in float32, the type in which a program receives its step. */
export const mostSteps = 2 ** 24;

/** The metadata of a model's file; the caller's entries come first. */
export function modelMetadata(
  specification: ModelSpecification,
  progress: ModelProgress,
  metadata: ReadonlyMap<string, string>,
  preparation?: StoredPreparation,
): ReadonlyMap<string, string> {
  const own = new Map([
    ['nnc', format],
    ['model', specification.name],
    ['fingerprint', specification.fingerprint],
    ['seed', String(progress.seed)],
    ['steps_taken', String(progress.stepsTaken)],
    ['total_steps', String(progress.totalSteps)],
  ]);
  // It stands once: a record of the caller's replaces the model's own.
  const kept = preparationJson(metadata) === undefined && preparation;
  return new Map([...metadata, ...own, ...(kept ? [[preparationKey, kept.json] as const] : [])]);
}

/**
 * @throws SafetensorsError when the bytes are no safetensors file
 * @throws ModelFileError when it is no model's file, or of a model with other tensors, inputs or outputs
 */
export function readModelFile(
  specification: ModelSpecification,
  state: Uint8Array | SafetensorsFile,
): ModelFile {
  const file = state instanceof Uint8Array ? readSafetensors(state) : state;
  if (file.metadata.get('nnc') !== format) {
    throw new ModelFileError('the file has no metadata `nnc`: a model did not save it');
  }
  const difference = describeDifference(specification, file);
  if (difference !== undefined) {
    throw new ModelFileError(`the file is of another model than ${specification.name}: ${difference}`);
  }
  const tensors = new Map<string, Float32Array>();
  for (const [path, tensor] of file.tensors) tensors.set(path, toFloat32(path, tensor));
  for (const tensor of specification.stored) {
    if (tensor.scale && !tensors.has(tensor.path)) tensors.set(tensor.path, initialize(tensor, 0));
  }
  return {
    progress: {
      seed: wholeNumber(file, 'seed', 0, Number.MAX_SAFE_INTEGER),
      stepsTaken: wholeNumber(file, 'steps_taken', 0, mostSteps),
      totalSteps: wholeNumber(file, 'total_steps', 1, mostSteps),
    },
    preparation: preparationIn(specification, file),
    tensors,
  };
}

const preparationKey = 'preparation';

/** A model's own file has the record as an entry, a checkpoint of `nnc train` in its training state. */
function preparationJson(metadata: ReadonlyMap<string, string>): string | undefined {
  const own = metadata.get(preparationKey);
  const training = metadata.get('training');
  if (own !== undefined || training === undefined) return own;
  const record = (parseJson(training) as { readonly preprocessing?: unknown } | null | undefined)
    ?.preprocessing;
  return record === undefined || record === null ? undefined : JSON.stringify(record);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws ModelFileError when the record is invalid, or for other inputs than the model has */
function preparationIn(
  { inputs }: ModelSpecification,
  { metadata }: SafetensorsFile,
): StoredPreparation | undefined {
  const json = preparationJson(metadata);
  if (json === undefined) return undefined;
  const record = parsePreparation(parseJson(json));
  if (!record) throw new ModelFileError("the file's record of preparation is not one that is known");
  const sizes = new Map(inputs.map(({ name, shape }) => [name, elementCount(shape)]));
  for (const form of record.inputs)
    if (sizes.get(form.name) !== preparedSize(form))
      throw new ModelFileError(`the file's record of preparation has another input \`${form.name}\``);
  return { json, record };
}

/** The first tensor that differs, with both shapes; else the fingerprint; undefined if the file matches. */
export function describeDifference(
  { stored, fingerprint }: { readonly stored: readonly StoredTensor[]; readonly fingerprint: string },
  file: SafetensorsFile,
): string | undefined {
  for (const { path, shape, scale } of stored) {
    const found = file.tensors.get(path);
    if (!found && scale) continue;
    if (!found) return `\`${path}\` is ${showShape(shape)} in the model and absent from the file`;
    if (found.shape.join() !== shape.join()) {
      return `\`${path}\` is ${showShape(shape)} in the model and ${showShape(found.shape)} in the file`;
    }
  }
  const known = new Set(stored.map(({ path }) => path));
  for (const [path, { shape }] of file.tensors) {
    if (!known.has(path)) return `\`${path}\` is ${showShape(shape)} in the file and absent from the model`;
  }
  const saved = file.metadata.get('fingerprint');
  return saved === fingerprint
    ? undefined
    : `its inputs or outputs differ (fingerprint ${fingerprint}, in the file ${saved})`;
}

function wholeNumber(file: SafetensorsFile, key: string, least: number, most: number): number {
  const text = file.metadata.get(key) ?? '';
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new ModelFileError(`the file's metadata \`${key}\` is no whole number from ${least} to ${most}`);
}
