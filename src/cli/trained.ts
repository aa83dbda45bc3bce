// Selects a trained state of a model for a command: the checkpoint named, or the best one of the model's newest run.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../diagnostics/diagnostic.ts';
import { printable } from '../diagnostics/printable.ts';
import { renderDiagnostics } from '../diagnostics/render.ts';
import { ModelFileError, SafetensorsError } from '../runtime/errors.ts';
import { readModelFile } from '../runtime/model-file.ts';
import type { ModelSpecification } from '../runtime/specification.ts';
import { newestValid, readCheckpoint, type Checkpoint } from '../train/checkpoint/checkpoint.ts';
import { parsePreprocessing, type Preprocessing } from '../train/data/prepare/preprocessing.ts';
import { checkpointNames } from '../train/run/context.ts';
import { runsFolder } from './runs-folder.ts';
import type { Streams } from './streams.ts';

/**
 * @param name the base name of the model's products, which names the folder of its runs
 * @param given a checkpoint, or a run's folder
 * @throws DiagnosticError if there is none
 */
export async function findTrained(
  name: string,
  given: string | undefined,
  streams: Streams,
): Promise<Checkpoint> {
  const found = await lookForTrained(name, given, streams);
  return found ?? fail('checkpoint.untrained', undefined, { path: printable(join(runsFolder, name)) });
}

/** The same, but undefined if no checkpoint was named and the model has no run. */
export async function lookForTrained(
  name: string,
  given: string | undefined,
  streams: Streams,
): Promise<Checkpoint | undefined> {
  if (given !== undefined) {
    const folder = await isFolder(given);
    if (!folder) return readCheckpoint(given);
    return (
      (await bestOf(given, streams)) ??
      fail('checkpoint.missing', undefined, { path: `in ${printable(given)}` })
    );
  }
  const parent = join(runsFolder, name);
  const runs = await readdir(parent).catch(() => []);
  for (const run of runs.sort().reverse()) {
    const folder = join(parent, run);
    const found = (await isFolder(folder)) ? await bestOf(folder, streams) : undefined;
    if (found) return found;
  }
  return undefined;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** The best state of a run, or else its last, or else any valid one. */
async function bestOf(folder: string, streams: Streams): Promise<Checkpoint | undefined> {
  const names = await readdir(folder);
  const preferred = names.includes(checkpointNames.best) ? checkpointNames.best : checkpointNames.last;
  const { checkpoint, rejected } = await newestValid(folder, preferred);
  for (const { error } of rejected)
    streams.note(renderDiagnostics(error.diagnostics, { color: streams.color }));
  return checkpoint;
}

/** The tensors of a checkpoint, for uses without a running model. @throws DiagnosticError when it is of another model */
export function tensorsOf(
  { path, state }: Checkpoint,
  specification: ModelSpecification,
): ReadonlyMap<string, Float32Array> {
  try {
    return readModelFile(specification, state).tensors;
  } catch (error) {
    if (error instanceof ModelFileError)
      fail('checkpoint.model', undefined, { path, difference: error.message });
    if (error instanceof SafetensorsError)
      fail('checkpoint.invalid', undefined, { path, reason: error.message });
    throw error;
  }
}

/** The preprocessing of examples; undefined if the checkpoint has none. */
export function preprocessingOf({ path, training }: Checkpoint): Preprocessing | undefined {
  if (training.preprocessing === null) return undefined;
  return (
    parsePreprocessing(training.preprocessing) ??
    fail('checkpoint.invalid', undefined, { path, reason: 'its preprocessing is not one that is known' })
  );
}
