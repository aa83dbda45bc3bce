// `nnc runs name`, `note`, `pin`, `unpin`, `delete`: what people say of a run, and which runs are kept.
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../../../diagnostics/diagnostic.ts';
import { printable } from '../../../diagnostics/printable.ts';
import { findRun } from '../../../run-folders/find-run.ts';
import { listRunPlaces } from '../../../run-folders/list-runs.ts';
import { readRun, type RunFacts } from '../../../run-folders/run-facts.ts';
import { relabel, writeLabel } from '../../../run-folders/run-label.ts';
import { lockName } from '../../../train/run/context.ts';
import { holderOf, takeLock } from '../../../train/run/lock.ts';
import { showBytes, showMany } from '../../../train/progress/text.ts';
import { exitCodes } from '../../failure.ts';
import type { Streams } from '../../streams.ts';
import { nothingYet } from './run.ts';

async function allRuns(folder: string): Promise<readonly RunFacts[]> {
  const places = await listRunPlaces(folder);
  return Promise.all(places.map(({ model, time }) => readRun(folder, model, time)));
}

function need(values: readonly string[], command: string, names: readonly string[]): void {
  const missing = names[values.length];
  if (missing !== undefined)
    fail('argument.missing', undefined, { command: `runs ${command}`, name: missing });
  const surplus = values[names.length];
  if (surplus !== undefined)
    fail('argument.surplus', undefined, { command: `runs ${command}`, found: JSON.stringify(surplus) });
}

/** `nnc runs name RUN NAME`; an empty name takes it away. */
export async function nameRun(words: readonly string[], folder: string, streams: Streams): Promise<number> {
  need(words, 'name', ['a run', 'a name']);
  const [given = '', text = ''] = words;
  const all = await allRuns(folder);
  const run = findRun(given, all, nothingYet(folder));
  const name = text.trim();
  const others = all.filter(({ model, id }) => model === run.model && id !== run.id);
  const reason = whyNoName(name, others);
  if (reason !== undefined) fail('run.name', undefined, { name: JSON.stringify(printable(text)), reason });
  const { name: before } = run.label;
  await writeLabel(run.path, relabel(run.label, { name }));
  const was = before === undefined ? '' : `, no longer ${printable(before)}`;
  const now = name === '' ? 'has no name any more' : `is called ${printable(name)}${was}`;
  streams.result(`${printable(run.id)} ${now}`);
  return exitCodes.done;
}

const longestName = 60;

/** A name must not be taken for something else that `--checkpoint` or `nnc runs` accepts. */
function whyNoName(name: string, others: readonly RunFacts[]): string | undefined {
  if (name.length > longestName) return `it has more than ${longestName} characters`;
  if (['best', 'last'].includes(name)) return '`--checkpoint` takes it for something else';
  if (/[/\\]|^-|\.safetensors$/.test(name)) return 'it would be taken for a path or an option';
  if (printable(name) !== name) return 'it holds characters that cannot be seen';
  const taken = others.find(({ label, time }) => label.name === name || time === name);
  return taken && `${printable(taken.id)} is called so`;
}

/** `nnc runs note RUN TEXT`; an empty text takes it away. */
export async function noteRun(words: readonly string[], folder: string, streams: Streams): Promise<number> {
  need(words, 'note', ['a run', 'a text']);
  const [given = '', text = ''] = words;
  const run = findRun(given, await allRuns(folder), nothingYet(folder));
  const note = text.trim();
  await writeLabel(run.path, relabel(run.label, { note }));
  streams.result(`${printable(run.id)}: ${note === '' ? 'no note' : printable(note)}`);
  return exitCodes.done;
}

/** `nnc runs pin RUN`, `nnc runs unpin RUN` */
export async function pinRun(
  words: readonly string[],
  pinned: boolean,
  folder: string,
  streams: Streams,
): Promise<number> {
  need(words, pinned ? 'pin' : 'unpin', ['a run']);
  const [given = ''] = words;
  const run = findRun(given, await allRuns(folder), nothingYet(folder));
  await writeLabel(run.path, relabel(run.label, { pinned }));
  streams.result(
    pinned
      ? `${printable(run.id)} is pinned: its weights are used where no others are named`
      : `${printable(run.id)} is no longer pinned`,
  );
  return exitCodes.done;
}

/** `nnc runs delete RUN… --yes` */
export async function deleteRuns(
  words: readonly string[],
  confirmed: boolean,
  folder: string,
  streams: Streams,
): Promise<number> {
  if (words.length === 0) need(words, 'delete', ['a run']);
  const all = await allRuns(folder);
  const chosen = new Set(words.map((word) => findRun(word, all, nothingYet(folder))));
  for (const run of chosen) await refuseToDelete(run);
  if (!confirmed) {
    const sizes = await Promise.all([...chosen].map(({ path }) => bytesIn(path)));
    const runs = [...chosen].map(
      ({ id, state }, i) => `\n  ${printable(id)}: ${state}, ${showBytes(sizes[i] ?? 0)}`,
    );
    fail('run.delete', undefined, { count: showMany(chosen.size, 'run'), runs: runs.join('') });
  }
  for (const run of chosen) {
    // no training may begin there meanwhile
    const lock = await takeLock(join(run.path, lockName));
    try {
      await rm(run.path, { recursive: true });
    } finally {
      await lock.release();
    }
    streams.result(`deleted ${printable(run.id)}`);
  }
  return exitCodes.done;
}

async function refuseToDelete({ id, path, label, state }: RunFacts): Promise<void> {
  if (label.pinned) fail('run.pinned', undefined, { run: printable(id) });
  const holder = await holderOf(join(path, lockName));
  if (holder !== undefined || state === 'running')
    fail('run.running', undefined, {
      run: printable(id),
      holder: holder ?? 'a process that wrote there just now',
    });
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true });
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? bytesIn(path) : (await lstat(path)).size;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
