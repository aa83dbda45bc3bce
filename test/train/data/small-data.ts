// A small MNIST and what tests of whole data sets ask of them.
import { sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach } from 'vitest';
import type { DataSetting, Port } from '../../../src/runtime/specification.ts';
import { slice } from '../../../src/train/data/feed/batches.ts';
import type { Dataset } from '../../../src/train/data/dataset.ts';
import type { DataOptions } from '../../../src/train/data/load-data.ts';
import { classOf, folderWith, idxFile, loadOrDiagnose, real } from './files.ts';

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const remove of cleanup.splice(0)) await remove();
});

export async function folderOf(files: { readonly [path: string]: string | Uint8Array }): Promise<string> {
  const { folder, remove } = await folderWith(files);
  cleanup.push(remove);
  return folder;
}

/** Ten pictures of 2 × 2 to train on, with labels 0 … 9, and two for the test. */
export const tiny = {
  'train-images-idx3-ubyte': idxFile(
    [10, 2, 2],
    Array.from({ length: 40 }, (_, i) => 6 * i),
  ),
  'train-labels-idx1-ubyte': idxFile(
    [10],
    Array.from({ length: 10 }, (_, i) => i),
  ),
  't10k-images-idx3-ubyte.gz': gzipSync(idxFile([2, 2, 2], [0, 0, 0, 255, 51, 51, 51, 51])),
  't10k-labels.idx1-ubyte': idxFile([2], [9, 0]),
};
export const inFolder = (folder: string, files: { readonly [name: string]: string | Uint8Array } = tiny) =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${folder}/${name}`, bytes]));
export const digits = { inputs: [real('image', [4])], targets: [classOf('digit', 10)] };
export type Model = { readonly inputs: readonly Port[]; readonly targets: readonly Port[] };

export async function load(data: DataSetting, options: DataOptions, model: Model = digits): Promise<Dataset> {
  const found = await loadOrDiagnose(data, model, options);
  if ('code' in found) throw new Error(JSON.stringify(found));
  return found;
}

/** `code: arguments`, with the folder left out and paths as they are elsewhere than on Windows. */
export async function complaint(
  data: DataSetting,
  options: DataOptions,
  model: Model = digits,
): Promise<string> {
  const found = await loadOrDiagnose(data, model, options);
  if (!('code' in found)) return 'nothing';
  return `${found.code}: ${Object.values(found.args).join(' | ')}`
    .replaceAll(options.folder, 'DIR')
    .replaceAll(sep, '/');
}

export const values = (found: Dataset, part: 'train' | 'validation' | 'test', name: string): number[] => {
  const split = found[part];
  return split ? [...(slice(split, 0, split.count)[name] ?? [])] : [];
};
