// Describes a loaded data set: the preprocessing of its examples, a line for people, and a fingerprint.
import { createHash } from 'node:crypto';
import type {
  ColumnForm,
  InputForm,
  Normalization,
  RowForm,
  TableForm,
  TargetForm,
} from '../../runtime/preparation/form.ts';
import { showShape } from '../../runtime/tensor.ts';
import type { Split } from './dataset.ts';
import type { Rows } from './prepare/divide.ts';
import type { Match } from './prepare/match.ts';
import type { Preprocessing } from './prepare/preprocessing.ts';
import { exampleShape, type RawData, type RawField } from './prepare/raw-data.ts';
import { exampleRows } from './series/series.ts';
import type { Loaded } from './sources/source.ts';

export function preprocessingOf(
  source: string,
  data: RawData,
  matches: readonly Match[],
  normalization: ReadonlyMap<string, Normalization>,
): Preprocessing {
  const inputs = matches
    .filter(({ field }) => field.role === 'input')
    .map(({ port, field }) => inputFormOf(port.name, field, data, normalization.get(port.name)));
  const targets = matches
    .filter(({ field }) => field.role === 'target')
    .map(({ port, field }): TargetForm => ({
      name: port.name,
      kind: field.kind === 'class' || port.kind === 'class' ? 'class' : 'number',
      ...classesOf(field, data),
      ...(field.columns && { columns: field.columns.map((column) => column.name) }),
    }));
  const { csv, series } = data;
  return { format: 1, source, inputs, targets, ...(csv && { csv }), ...(series && { series }) };
}

function inputFormOf(
  name: string,
  { kind, shape, columns, resize, view }: RawField,
  data: RawData,
  normalization: Normalization | undefined,
): InputForm {
  const common = { name, ...(normalization && { normalization }) };
  if (kind === 'image') return { kind: 'image', shape, resize: resize ?? false, ...common };
  const row: RowForm = columns
    ? { kind: 'table', columns, ...othersOf(data, columns), ...common }
    : { kind: 'array', shape, ...common };
  return view ? { kind: 'series', name, window: view.rows, row } : row;
}

/** The table's columns that are none of an input's own. */
function othersOf({ columnNames }: RawData, columns: readonly ColumnForm[]): Pick<TableForm, 'others'> {
  const own = new Set(columns.map(({ name }) => name));
  return columnNames ? { others: columnNames.filter((name) => !own.has(name)) } : {};
}

export interface Parts {
  readonly train: Split;
  readonly validation: Split | undefined;
  readonly test: Split | undefined;
}

export function describe(name: string, data: RawData, matches: readonly Match[], parts: Parts): string {
  const counts = [
    `${parts.train.count} examples to train on`,
    ...(parts.validation ? [`${parts.validation.count} for validation`] : []),
    ...(parts.test ? [`${parts.test.count} for the test`] : []),
  ];
  const shapes = matches
    .filter(({ field }) => field.role === 'input')
    .map(({ port, field }) => {
      const own = showShape(exampleShape(field));
      return own === showShape(port.shape) ? own : `${own} as ${showShape(port.shape)}`;
    });
  return `${name} from ${data.origin}: ${counts.join(', ')}; ${[...shapes, ...describeSeries(data)].join(', ')}`;
}

/** `windows of 24 of 10,000 rows in 3 series, 1 of them too short for any` */
function describeSeries({ series: form, train }: RawData): string[] {
  if (!form || form.horizon === 0 || !train.series) return [];
  const { runs, groups } = train.series;
  const span = exampleRows(form);
  const long = new Set(runs.filter(({ start, end }) => end - start >= span).map(({ group }) => group));
  const short = groups.length - long.size;
  return [
    `windows of ${form.window} of ${train.count} rows` +
      (groups.length > 1 ? ` in ${groups.length} series` : '') +
      (short > 0 ? `, ${short} of them too short for any` : ''),
  ];
}

/** Hashes values, not paths: the same data in another folder is the same. */
export function fingerprintOf(
  { data, augmentations }: Loaded,
  matches: readonly Match[],
  normalization: ReadonlyMap<string, Normalization>,
  rows: Rows,
): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([matches, [...normalization], augmentations]));
  for (const part of [data.train, data.validation, data.test]) {
    if (typeof part !== 'object') continue;
    for (const { field } of matches) hash.update(part.fields.get(field.name)?.values ?? '');
  }
  if (data.series) hash.update(JSON.stringify(data.series));
  for (const part of [rows.train, rows.validation, rows.test]) hash.update(part ?? 'all');
  return hash.digest('hex').slice(0, 32);
}

function classesOf({ kind, labels }: Match['field'], { classes }: RawData): Pick<TargetForm, 'classes'> {
  const found = labels ?? (kind === 'class' ? classes : undefined);
  return found ? { classes: found } : {};
}
