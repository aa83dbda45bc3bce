// Finds a run by what people call it: its name, its time, its path, or `last`.
import { resolve } from 'node:path';
import { fail } from '../diagnostics/diagnostic.ts';
import { printable } from '../diagnostics/printable.ts';
import { suggest } from '../diagnostics/suggest.ts';
import type { RunLabel } from './run-label.ts';

/** As much of a run as finding it needs. */
export interface NamedRun {
  readonly id: string;
  readonly path: string;
  readonly time: string;
  readonly label: RunLabel;
}

/**
 * `last`, a run's name, its path as printed by `nnc runs`, its folder, or an unambiguous prefix of its time.
 * @param nothing the help if there are no runs
 * @throws DiagnosticError if there is none, or several
 */
export function findRun<T extends NamedRun>(name: string, all: readonly T[], nothing: string): T {
  const newest = all.toSorted((a, b) => (a.time < b.time ? -1 : 1)).at(-1);
  if (name === 'last' && newest) return newest;
  const wanted = name.replace(/\/+$/, '');
  const found = all.filter(
    ({ id, path, time, label }) =>
      [id, time, label.name].includes(wanted) || resolve(path) === resolve(wanted),
  );
  const begun =
    found.length > 0
      ? found
      : all.filter(({ id, time }) => wanted !== '' && (time.startsWith(wanted) || id.startsWith(wanted)));
  const [only, another] = begun;
  if (only && !another) return only;
  const known = all.flatMap(({ id, time, label }) => [
    ...(label.name === undefined ? [] : [label.name]),
    id,
    time,
  ]);
  const meant = suggest(wanted, known);
  const help = another
    ? `It may be ${begun.map(({ id }) => printable(id)).join(', ')}.`
    : meant !== undefined
      ? `Did you mean \`${printable(meant)}\`?`
      : all.length > 0
        ? '`nnc runs` lists them.'
        : nothing;
  return fail('run.unknown', undefined, { name: printable(name), help });
}
