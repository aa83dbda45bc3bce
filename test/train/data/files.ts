// Data files made by hand, a folder to put them in, and what tests ask of an error.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DiagnosticError, type Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import type { DataSetting, Json, Port } from '../../../src/runtime/specification.ts';
import { loadData, type DataOptions } from '../../../src/train/data/load-data.ts';
import type { Dataset } from '../../../src/train/data/dataset.ts';

/** A new folder with the files in it, and a function that removes it. */
export async function folderWith(files: {
  readonly [path: string]: string | Uint8Array;
}): Promise<{ readonly folder: string; readonly remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'nnc-data-'));
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), contents);
  }
  return { folder, remove: () => rm(folder, { recursive: true }) };
}

/** An IDX file of bytes. */
export function idxFile(shape: readonly number[], bytes: ArrayLike<number>, type = 8): Uint8Array {
  const file = new Uint8Array(4 + 4 * shape.length + bytes.length);
  const view = new DataView(file.buffer);
  view.setUint8(2, type);
  view.setUint8(3, shape.length);
  shape.forEach((size, i) => view.setUint32(4 + 4 * i, size));
  file.set(Uint8Array.from(bytes), 4 + 4 * shape.length);
  return file;
}

export const real = (name: string, shape: readonly number[]): Port => ({ name, shape, kind: 'real' });
export const classOf = (name: string, limit: number): Port => ({ name, shape: [], kind: 'class', limit });

export const setting = (
  name: string,
  named: { readonly [name: string]: Json } = {},
  positional: readonly Json[] = [],
): DataSetting => ({ name, positional, named });

/** Loads, or gives the diagnostic. */
export async function loadOrDiagnose(
  data: DataSetting,
  model: { readonly inputs: readonly Port[]; readonly targets: readonly Port[] },
  options: DataOptions,
): Promise<Dataset | Diagnostic> {
  try {
    return await loadData(data, model, options);
  } catch (error) {
    return diagnosticOf(error);
  }
}

/** The diagnostic of an error; any other error is thrown on. */
export function diagnosticOf(error: unknown): Diagnostic {
  if (!(error instanceof DiagnosticError)) throw error;
  const [found] = error.diagnostics;
  if (!found) throw new Error('an error without a diagnostic');
  return found;
}
