// Lists the runs in runs/: one folder per model, and in it one per run. Anything but folders is ignored; symbolic links are not followed.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { summarizeRun, type RunSummary } from './run-summary.ts';

/**
 * All runs, or those of one model, by model and then by time.
 * @param parent `runs`
 */
export async function listRuns(parent: string, model?: string): Promise<readonly RunSummary[]> {
  const runs: RunSummary[] = [];
  for (const place of await listRunPlaces(parent))
    if (model === undefined || place.model === model)
      runs.push(await summarizeRun(parent, place.model, place.time));
  return runs;
}

/** The folders of runs, without reading their files. */
export async function listRunPlaces(
  parent: string,
): Promise<readonly { readonly model: string; readonly time: string }[]> {
  const places: { model: string; time: string }[] = [];
  for (const model of await foldersIn(parent))
    for (const time of await foldersIn(join(parent, model))) places.push({ model, time });
  return places;
}

/** Sorted names of the folders in a folder; empty if it is missing. */
export async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    return [];
  });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort(byNumber);
}

/** `…-2` before `…-10`. */
function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true }) || (a < b ? -1 : 1);
}
