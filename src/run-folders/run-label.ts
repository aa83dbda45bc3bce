// What people say of a run: a name, a note, and whether it is pinned, which makes it the one whose weights are used by default. It is
// stored in label.json in the run's folder, apart from what the run writes.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemFiles, writeWhole } from '../train/checkpoint/files.ts';
import { readJsonFile, textIn, type JsonFile } from './json-file.ts';

export const labelName = 'label.json';

export interface RunLabel {
  readonly name?: string;
  readonly note?: string;
  readonly pinned?: true;
}

export function readLabel(folder: string): Promise<JsonFile> {
  return readJsonFile(join(folder, labelName));
}

/** The label in a file; empty if the file is missing or damaged. */
export function labelIn(file: JsonFile): RunLabel {
  if (file.kind !== 'read') return {};
  const name = textIn(file.fields, 'name');
  const note = textIn(file.fields, 'note');
  return {
    ...(name !== undefined && name !== '' && { name }),
    ...(note !== undefined && note !== '' && { note }),
    ...(file.fields.get('pinned') === true && { pinned: true }),
  };
}

/** @param change an empty text or `false` takes away what was there */
export function relabel(
  label: RunLabel,
  change: { readonly name?: string; readonly note?: string; readonly pinned?: boolean },
): RunLabel {
  const { name = '', note = '', pinned = false } = { ...label, ...change };
  return {
    ...(name !== '' && { name }),
    ...(note !== '' && { note }),
    ...(pinned && { pinned }),
  };
}

/** Replaces the label; an empty one removes the file. */
export async function writeLabel(folder: string, label: RunLabel): Promise<void> {
  const path = join(folder, labelName);
  if (Object.keys(label).length === 0) return rm(path, { force: true });
  const text = `${JSON.stringify({ format: 1, ...label }, undefined, 2)}\n`;
  await writeWhole(path, Buffer.from(text), systemFiles);
}
