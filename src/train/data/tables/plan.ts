// Assigns a table's columns to the model's ports by names and ports, before any row is read.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { suggest } from '../../../diagnostics/suggest.ts';
import type { Port } from '../../../runtime/specification.ts';
import { elementCount } from '../../../runtime/tensor.ts';
import { decimal } from '../../../runtime/preparation/rows.ts';
import type { ColumnName, Missing, TableOptions, TableReader } from './table.ts';

export interface PlannedColumn {
  readonly column: number;
  readonly name: string;
  readonly as: 'number' | 'text';
  /** The vocabulary stated in the `.nn` file. */
  readonly vocabulary?: readonly string[];
}

export interface TablePlan {
  readonly features: readonly PlannedColumn[];
  readonly targets: readonly PlannedColumn[];
  readonly missing: Missing;
}

/**
 * @param source the data set's name, for messages
 * @throws DiagnosticError for an unknown column, or a category that is not among the columns read
 */
export async function planTable(
  source: string,
  reader: TableReader,
  options: TableOptions,
  ports: { readonly inputs: readonly Port[]; readonly targets: readonly Port[] },
): Promise<TablePlan> {
  const targetColumns = options.target.map((name) => findColumn(reader, name));
  const rest = reader.names.map((_, i) => i).filter((i) => !targetColumns.includes(i));
  const featureColumns = options.features?.map((name) => findColumn(reader, name)) ?? rest;
  const categories = new Map(
    options.categorical.map(({ column, vocabulary }) => [findColumn(reader, column), vocabulary]),
  );
  const read = new Set([...featureColumns, ...targetColumns]);
  for (const column of categories.keys()) {
    if (read.has(column)) continue;
    const expected = 'columns that are read as features or targets';
    const found = reader.names[column] ?? '';
    fail('data.argument', undefined, { source, name: 'categorical', expected, found });
  }
  const planned = (column: number, isText: boolean): PlannedColumn => {
    const vocabulary = categories.get(column);
    return {
      column,
      name: reader.names[column] ?? '',
      as: isText || categories.has(column) ? 'text' : 'number',
      ...(vocabulary && { vocabulary }),
    };
  };
  const features: PlannedColumn[] = [];
  for (const column of featureColumns)
    features.push(planned(column, reader.typed && (await reader.hasText(column))));
  const targets: PlannedColumn[] = [];
  const kinds = targetKinds(ports.targets);
  for (const [i, column] of targetColumns.entries())
    targets.push(planned(column, (reader.typed || kinds[i] === 'class') && (await reader.hasText(column))));
  return { features, targets, missing: options.missing };
}

/** For each target column, the kind of its port if all were numbers. */
function targetKinds(ports: readonly Port[]): readonly Port['kind'][] {
  return ports.flatMap(({ shape, kind }) => Array.from({ length: elementCount(shape) }, () => kind));
}

export function findColumn(
  { path, format, names }: Pick<TableReader, 'path' | 'format' | 'names'>,
  name: ColumnName,
): number {
  const index = typeof name === 'number' ? name - 1 : names.indexOf(name);
  if (index >= 0 && index < names.length) return index;
  const meant = suggest(String(name), names);
  const known = names.length > 20 ? `${names.slice(0, 20).join(', ')}, …` : names.join(', ');
  const isData = names.some((found) => decimal.test(found)) && typeof name === 'string' && format === 'CSV';
  const help =
    meant !== undefined
      ? `did you mean \`${meant}\`?`
      : `it has ${known}${isData ? '; where the first row is data, write `header = false`, and call columns by their number' : ''}`;
  const reason = `it has no column ${name}; ${help}`;
  return fail('data.malformed', undefined, { path, format, reason });
}
