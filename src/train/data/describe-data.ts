// Describes a loaded data set: the preprocessing of its examples, a line for people, and a fingerprint.
import { createHash } from 'node:crypto';
import type {
  ColumnForm,
  InputForm,
  Normalization,
  TableForm,
  TargetForm,
} from '../../runtime/preparation/form.ts';
import { showShape } from '../../runtime/tensor.ts';
import type { Split } from './dataset.ts';
import type { Rows } from './prepare/divide.ts';
import type { Match } from './prepare/match.ts';
import type { Preprocessing } from './prepare/preprocessing.ts';
import type { RawData } from './prepare/raw-data.ts';
import type { Loaded } from './sources/source.ts';

export function preprocessingOf(
  source: string,
  data: RawData,
  matches: readonly Match[],
  normalization: ReadonlyMap<string, Normalization>,
): Preprocessing {
  const inputs = matches
    .filter(({ field }) => field.role === 'input')
    .map(({ port: { name }, field: { kind, shape, columns, resize } }): InputForm => {
      const found = normalization.get(name);
      const common = { name, ...(found && { normalization: found }) };
      if (columns) return { kind: 'table', columns, ...othersOf(data, columns), ...common };
      return kind === 'image'
        ? { kind: 'image', shape, resize: resize ?? false, ...common }
        : { kind: 'array', shape, ...common };
    });
  const targets = matches
    .filter(({ field }) => field.role === 'target')
    .map(({ port, field }): TargetForm => ({
      name: port.name,
      kind: field.kind === 'class' || port.kind === 'class' ? 'class' : 'number',
      ...classesOf(field, data),
      ...(field.columns && { columns: field.columns.map((column) => column.name) }),
    }));
  return { format: 1, source, inputs, targets, ...(data.csv && { csv: data.csv }) };
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
      const own = showShape(field.shape);
      return own === showShape(port.shape) ? own : `${own} as ${showShape(port.shape)}`;
    });
  return `${name} from ${data.origin}: ${counts.join(', ')}; ${shapes.join(', ')}`;
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
  for (const part of [rows.train, rows.validation, rows.test]) hash.update(part ?? 'all');
  return hash.digest('hex').slice(0, 32);
}

function classesOf({ kind, labels }: Match['field'], { classes }: RawData): Pick<TargetForm, 'classes'> {
  const found = labels ?? (kind === 'class' ? classes : undefined);
  return found ? { classes: found } : {};
}
