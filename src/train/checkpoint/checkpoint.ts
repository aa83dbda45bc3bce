// Checkpoints: a model's safetensors file with the training state in its metadata, sealed with its length and a checksum. A
// file is either whole or not there: it is written beside its place and renamed. What is read is checked before anything of it
// is used; what is wrong with it is a diagnostic, what is wrong with the disk is the system's own error.
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DiagnosticError, fail } from '../../diagnostics/diagnostic.ts';
import { ModelFileError, SafetensorsError } from '../../runtime/errors.ts';
import type { Model } from '../../runtime/model.ts';
import { readSafetensors } from '../../runtime/safetensors.ts';
import { systemFiles, writeWhole, type Files } from './files.ts';
import { checkSeal, emptySeal, seal } from './seal.ts';
import { parseTrainingState, showTrainingState, type TrainingState } from './state.ts';

export const checkpointSuffix = '.safetensors';
const stateKey = 'training';

/** A file whose seal and training state were found to be right. */
export interface Checkpoint {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The model it is of, and its fingerprint. */
  readonly model: string;
  readonly fingerprint: string;
  readonly training: TrainingState;
}

/**
 * Writes the model's state and the training's to `path`, which afterwards holds all of it, or what it held before.
 * @throws a system error (ENOSPC, EIO, …) when it could not be written
 */
export async function saveCheckpoint(
  path: string,
  model: Pick<Model, 'save'>,
  training: TrainingState,
  files: Files = systemFiles,
): Promise<void> {
  const metadata = new Map([...emptySeal(), [stateKey, showTrainingState(training)] as const]);
  await writeWhole(path, seal(await model.save(metadata)), files);
}

/** @throws DiagnosticError when the file is missing, no checkpoint, cut short or damaged */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  return parseCheckpoint(path, await readBytes(path));
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return fail('checkpoint.missing', undefined, { path });
    if (code === 'EISDIR') return fail('checkpoint.invalid', undefined, { path, reason: 'it is a folder' });
    throw error;
  }
}

/** @throws DiagnosticError as `readCheckpoint` does */
export function parseCheckpoint(path: string, bytes: Uint8Array): Checkpoint {
  const fault = checkSeal(bytes);
  if (fault?.kind === 'truncated') fail('checkpoint.truncated', undefined, { path, ...fault });
  if (fault?.kind === 'damaged') fail('checkpoint.damaged', undefined, { path });
  if (fault) fail('checkpoint.invalid', undefined, { path, reason: fault.reason });
  try {
    const { metadata } = readSafetensors(bytes);
    const training = parseTrainingState(metadata.get(stateKey) ?? '');
    if (typeof training === 'string')
      return fail('checkpoint.invalid', undefined, { path, reason: training });
    const model = metadata.get('model') ?? '';
    return { path, bytes, model, fingerprint: metadata.get('fingerprint') ?? '', training };
  } catch (error) {
    if (error instanceof SafetensorsError)
      fail('checkpoint.invalid', undefined, { path, reason: error.message });
    throw error;
  }
}

/**
 * Gives the model the checkpoint's state.
 * @throws DiagnosticError when it is of another model; the model is then as it was
 */
export async function restoreCheckpoint({ path, bytes }: Checkpoint, model: Model): Promise<void> {
  try {
    await model.load(bytes);
  } catch (error) {
    if (error instanceof ModelFileError) {
      fail('checkpoint.model', undefined, { path, difference: error.message });
    }
    if (error instanceof SafetensorsError)
      fail('checkpoint.invalid', undefined, { path, reason: error.message });
    throw error;
  }
}

/** @throws DiagnosticError when the checkpoint was trained on other data, or on the same divided otherwise */
export function checkData(
  checkpoint: Checkpoint,
  data: { readonly name: string; readonly fingerprint: string },
): void {
  // weights from elsewhere were trained on no data that is known
  if (checkpoint.training.data === data.fingerprint || checkpoint.training.data === '') return;
  fail('checkpoint.data', undefined, { path: checkpoint.path, source: data.name });
}

export interface NewestCheckpoint {
  /** Absent when the folder holds no valid one. */
  readonly checkpoint?: Checkpoint;
  /** Newer files that are no valid checkpoints. */
  readonly rejected: readonly { readonly path: string; readonly error: DiagnosticError }[];
}

/**
 * The checkpoint of a folder that was written last and is whole. A missing folder holds none.
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
    paths.map(async (path) => ({ path, written: (await stat(path, { bigint: true })).mtimeNs })),
  );
  // By name where two were written in the same tick, so that the answer is always the same.
  dated.sort((a, b) =>
    a.written === b.written ? (a.path < b.path ? 1 : -1) : a.written < b.written ? 1 : -1,
  );
  return dated.map(({ path }) => path);
}
