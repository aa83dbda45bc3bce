// Checkpoints: a model's safetensors file with the training state in its metadata, sealed with its length and a checksum. Writes are
// atomic: to a temporary file, which is renamed. A file is verified before it is used; faults of the file are diagnostics, faults of the
// disk are the system's own errors.
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DiagnosticError, fail } from '../../diagnostics/diagnostic.ts';
import { ModelFileError, SafetensorsError } from '../../runtime/errors.ts';
import type { Model, ModelState } from '../../runtime/model.ts';
import { headLength, parseHead, type TensorView } from '../../runtime/safetensors.ts';
import { dtypeSizes } from '../../runtime/safetensors-dtypes.ts';
import { elementCount } from '../../runtime/tensor.ts';
import { openSource, systemFiles, writeWhole, type Files, type Writing } from './files.ts';
import { checkSeal, emptySeal, Sealer, type ByteSource } from './seal.ts';
import { parseTrainingState, showTrainingState, type TrainingState } from './state.ts';

export const checkpointSuffix = '.safetensors';
const stateKey = 'training';

/** A model, or its initial state, that can be saved. */
export type SavedModel = Pick<Model, 'saveTo' | 'specification'>;

/** A file whose seal and training state have been verified. */
export interface Checkpoint {
  readonly path: string;
  readonly state: ModelState;
  /** The name of its model, and the fingerprint. */
  readonly model: string;
  readonly fingerprint: string;
  readonly training: TrainingState;
}

/**
 * Atomically writes the state of the model and of the training to `path`. Besides the model, it takes the memory of its largest tensor.
 * @throws a system error (ENOSPC, EIO, …) when it could not be written
 */
export async function saveCheckpoint(
  path: string,
  model: SavedModel,
  training: TrainingState,
  files: Files = systemFiles,
): Promise<void> {
  const metadata = new Map([...emptySeal(), [stateKey, showTrainingState(training)] as const]);
  const elements = model.specification.stored.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const contents = async ({ append, replace }: Writing) => {
    let sealer: Sealer | undefined;
    await model.saveTo(async (bytes) => {
      if (sealer) sealer.add(bytes);
      else sealer = new Sealer(bytes, bytes.length + dtypeSizes.F32 * elements);
      await append(bytes);
    }, metadata);
    if (!sealer) throw new Error('a model without a state');
    const { checksum, position } = sealer.finish();
    await replace(checksum, position);
  };
  await writeWhole(path, contents, files);
}

/** @throws DiagnosticError when the file is missing, no checkpoint, truncated or damaged */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const source = await openCheckpoint(path);
  try {
    return await parseCheckpoint(path, source);
  } finally {
    await source.close();
  }
}

async function openCheckpoint(path: string) {
  try {
    return await openSource(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return fail('checkpoint.missing', undefined, { path });
    if (code === 'EISDIR') return fail('checkpoint.invalid', undefined, { path, reason: 'it is a folder' });
    throw error;
  }
}

/** @throws DiagnosticError as `readCheckpoint` does */
export async function parseCheckpoint(path: string, source: ByteSource): Promise<Checkpoint> {
  const fault = await checkSeal(source);
  if (fault?.kind === 'truncated') fail('checkpoint.truncated', undefined, { path, ...fault });
  if (fault?.kind === 'damaged') fail('checkpoint.damaged', undefined, { path });
  if (fault) fail('checkpoint.invalid', undefined, { path, reason: fault.reason });
  try {
    const state = await readState(source);
    const { metadata } = state;
    const training = parseTrainingState(metadata.get(stateKey) ?? '');
    if (typeof training === 'string')
      return fail('checkpoint.invalid', undefined, { path, reason: training });
    const model = metadata.get('model') ?? '';
    return { path, state, model, fingerprint: metadata.get('fingerprint') ?? '', training };
  } catch (error) {
    if (error instanceof SafetensorsError)
      fail('checkpoint.invalid', undefined, { path, reason: error.message });
    throw error;
  }
}

/** Each tensor in its own array: all together may exceed the maximum length of an array. */
async function readState(source: ByteSource): Promise<ModelState> {
  const start = headLength(await source.read(0, 8), source.length);
  const { metadata, entries } = parseHead(await source.read(0, start), source.length);
  const tensors = new Map<string, TensorView>();
  for (const { name, dtype, shape, begin, end } of entries)
    tensors.set(name, { dtype, shape, bytes: await source.read(start + begin, end - begin) });
  return { metadata, tensors };
}

/**
 * Loads the checkpoint's state into the model.
 * @throws DiagnosticError when it is of another model; the model is then unchanged
 */
export async function restoreCheckpoint({ path, state }: Checkpoint, model: Model): Promise<void> {
  try {
    await model.load(state);
  } catch (error) {
    if (error instanceof ModelFileError) {
      fail('checkpoint.model', undefined, { path, difference: error.message });
    }
    if (error instanceof SafetensorsError)
      fail('checkpoint.invalid', undefined, { path, reason: error.message });
    throw error;
  }
}

/** @throws DiagnosticError when the checkpoint was trained on other data, or on another split of the same */
export function checkData(
  checkpoint: Checkpoint,
  data: { readonly name: string; readonly fingerprint: string },
): void {
  // imported weights have no known data set
  if (checkpoint.training.data === data.fingerprint || checkpoint.training.data === '') return;
  fail('checkpoint.data', undefined, {
    path: checkpoint.path,
    source: data.name,
    help: '`--allow data` goes on with the data that is there now. Otherwise bring back what the run was trained on, or begin anew without --resume.',
  });
}

export interface NewestCheckpoint {
  /** Absent when the folder contains no valid one. */
  readonly checkpoint?: Checkpoint;
  /** Newer files that are no valid checkpoints. */
  readonly rejected: readonly { readonly path: string; readonly error: DiagnosticError }[];
}

/**
 * The valid checkpoint of a folder with the most steps, the latest if there are several. A missing folder has none.
 * @param preferred the file to take before any that was written later
 */
export async function newestValid(folder: string, preferred?: string): Promise<NewestCheckpoint> {
  const rejected: { path: string; error: DiagnosticError }[] = [];
  const paths = await newestFirst(folder);
  const first = preferred === undefined ? [] : paths.filter((path) => basename(path) === preferred);
  for (const path of new Set([...first, ...paths])) {
    try {
      return { checkpoint: await readCheckpoint(path), rejected };
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      rejected.push({ path, error });
    }
  }
  return { rejected };
}

/** The number of steps according to the file, unverified; ∞ if it cannot be read, so that it is tried first, and reported. */
async function stepsOf(path: string): Promise<number> {
  try {
    const source = await openSource(path);
    try {
      const start = headLength(await source.read(0, Math.min(8, source.length)), source.length);
      const { metadata } = parseHead(await source.read(0, start), source.length);
      return Number(metadata.get('steps_taken') ?? Infinity);
    } finally {
      await source.close();
    }
  } catch {
    return Infinity;
  }
}

async function newestFirst(folder: string): Promise<readonly string[]> {
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const paths = names.filter((name) => name.endsWith(checkpointSuffix)).map((name) => join(folder, name));
  const dated = await Promise.all(
    paths.map(async (path) => ({
      path,
      steps: await stepsOf(path),
      written: (await stat(path, { bigint: true })).mtimeNs,
    })),
  );
  // By name if two of one step were written in the same clock tick, so that the result is deterministic.
  dated.sort((a, b) => {
    if (a.steps !== b.steps) return a.steps < b.steps ? 1 : -1;
    if (a.written !== b.written) return a.written < b.written ? 1 : -1;
    return a.path < b.path ? 1 : -1;
  });
  return dated.map(({ path }) => path);
}
