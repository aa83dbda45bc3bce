// Splits a series' rows into parts, and lays windows over each. An example belongs to a part if all of its rows do, so that no row of a
// training example is a row of a held-out one.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { choose, drawState } from '../feed/shuffle.ts';
import type { Rows } from '../prepare/divide.ts';
import type { RawData } from '../prepare/raw-data.ts';
import { exampleRows, type Run, type SeriesForm, type SeriesRows } from './series.ts';

const parts = ['train', 'validation', 'test'] as const;
type Part = (typeof parts)[number];

export interface Shares {
  readonly validation: number;
  readonly seed: number;
}

/**
 * @param source the data set's name, for messages
 * @returns examples by their first row
 * @throws DiagnosticError if a part is too short for any example
 */
export function divideSeries(
  source: string,
  { train, test }: Pick<RawData, 'train' | 'test'>,
  form: SeriesForm,
  { validation, seed }: Shares,
): Rows {
  const series = train.series ?? wholeSeries(train.count);
  /** Indices into `parts`. */
  const partOf = new Uint8Array(train.count);
  const hold = form.split === 'time' ? holdLast : holdGroups;
  if (typeof test === 'number') hold({ source, series, partOf, seed }, 'test', test);
  if (validation > 0) hold({ source, series, partOf, seed }, 'validation', validation);
  const found = (part: Part) => {
    const pieces = series.runs.flatMap((run) => piecesOf(run, partOf, parts.indexOf(part)));
    return windowsIn(source, pieces, form, part);
  };
  const statistics = Uint32Array.from(partOf.keys()).filter((row) => partOf[row] === 0);
  return {
    train: found('train'),
    statistics,
    ...(validation > 0 && { validation: found('validation') }),
    ...(typeof test === 'number' && { test: found('test') }),
    ...(typeof test === 'object' && {
      otherTest: windowsIn(source, (test.series ?? wholeSeries(test.count)).runs, form, 'test'),
    }),
  };
}

/** Rows of which nothing is known but their order. */
export function wholeSeries(count: number): SeriesRows {
  return { runs: [{ start: 0, end: count, group: 0 }], groups: [''] };
}

interface Holding {
  readonly source: string;
  readonly series: SeriesRows;
  readonly partOf: Uint8Array;
  readonly seed: number;
}

/** Holds out the last share of the training rows: from one moment on if times are known, else of each group. */
function holdLast({ source, series, partOf }: Holding, part: Part, share: number): void {
  const { times, runs } = series;
  if (!times) {
    for (const group of series.groups.keys()) holdLastOf(group, runs, { partOf, part, share });
    return;
  }
  const left = times.values.filter((_, row) => partOf[row] === 0).sort();
  const wanted = Math.min(left.length - 1, Math.max(1, Math.round(share * left.length)));
  const first = left.length - wanted;
  const at = left[first] ?? 0;
  // rows of the same time are on the same side of the cut
  const from = left[first - 1] === at ? left.find((time) => time > at) : at;
  if (from === undefined)
    fail('data.series', undefined, {
      source,
      reason: `no ${part} part can be cut off in time: too many rows have the last time`,
      help: 'Choose another share, or hold out whole groups with `split = groups`.',
    });
  times.values.forEach((time, row) => {
    if (time >= from && partOf[row] === 0) partOf[row] = parts.indexOf(part);
  });
}

interface LastRows {
  readonly partOf: Uint8Array;
  readonly part: Part;
  readonly share: number;
}

/** Runs of a group are neighbors, and what was held out of them already lies at their end. */
function holdLastOf(group: number, runs: readonly Run[], { partOf, part, share }: LastRows): void {
  const own = runs.filter((run) => run.group === group);
  const start = own[0]?.start ?? 0;
  let end = own.at(-1)?.end ?? 0;
  while (end > start && partOf[end - 1] !== 0) end--;
  const held = Math.max(0, Math.min(end - start - 1, Math.round(share * (end - start))));
  partOf.fill(parts.indexOf(part), end - held, end);
}

/** Holds out whole groups of those that are left. */
function holdGroups({ source, series, partOf, seed }: Holding, part: Part, share: number): void {
  const { runs, groups } = series;
  const left = [...groups.keys()].filter((group) =>
    runs.some((run) => run.group === group && partOf[run.start] === 0),
  );
  if (left.length < 2)
    fail('data.series', undefined, {
      source,
      reason: `no group is left to hold out for ${part}`,
      help: `There are ${groups.length} groups; \`split = time\` holds out the last rows of each.`,
    });
  const wanted = Math.min(left.length - 1, Math.max(1, Math.round(share * left.length)));
  const purpose = part === 'test' ? 'test' : 'validation';
  const { chosen } = choose(left.length, wanted, drawState(purpose, seed));
  const held = new Set(Array.from(chosen, (i) => left[i]));
  for (const { start, end, group } of runs) if (held.has(group)) partOf.fill(parts.indexOf(part), start, end);
}

/** The stretches of a run that belong to a part. */
function piecesOf(run: Run, partOf: Uint8Array, part: number): Run[] {
  const pieces: Run[] = [];
  let start = run.start;
  for (let row = run.start; row <= run.end; row++) {
    if (row < run.end && partOf[row] === partOf[start]) continue;
    if (partOf[start] === part) pieces.push({ start, end: row, group: run.group });
    start = row;
  }
  return pieces;
}

/** The first rows of the examples in these stretches. */
function windowsIn(source: string, pieces: readonly Run[], form: SeriesForm, part: Part): Uint32Array {
  const span = exampleRows(form);
  const countIn = ({ start, end }: Run) => Math.max(0, Math.floor((end - start - span) / form.stride) + 1);
  const starts = new Uint32Array(pieces.reduce((sum, piece) => sum + countIn(piece), 0));
  let at = 0;
  for (const piece of pieces)
    for (let i = 0; i < countIn(piece); i++) starts[at++] = piece.start + i * form.stride;
  if (at > 0) return starts;
  const longest = pieces.reduce((most, { start, end }) => Math.max(most, end - start), 0);
  return fail('data.series', undefined, {
    source,
    reason: `the ${part} part has at most ${longest} rows one after another, and an example takes ${span}`,
    help: `These are \`window = ${form.window}\` and \`horizon = ${form.horizon}\`. Give the part a larger share, or take a shorter window.`,
  });
}
