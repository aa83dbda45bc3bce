// Assigns a table's columns to the model's ports by names and ports, before any row is read.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { suggest } from '../../../diagnostics/suggest.ts';
import type { Port } from '../../../runtime/specification.ts';
import { elementCount } from '../../../runtime/tensor.ts';
import type { DateFeature } from '../../../runtime/preparation/dates.ts';
import { decimal } from '../../../runtime/preparation/rows.ts';
import type { SeriesForm } from '../series/series.ts';
import type { CellKind, ColumnName, Missing, TableOptions, TableReader } from './table.ts';

export interface PlannedColumn {
  readonly column: number;
  readonly name: string;
  readonly as: CellKind;
  /** The vocabulary stated in the `.nn` file. */
  readonly vocabulary?: readonly string[];
  /** Of dates: what they become. A column of dates is planned once for each feature. */
  readonly feature?: DateFeature;
}

export interface TablePlan {
  readonly features: readonly PlannedColumn[];
  readonly targets: readonly PlannedColumn[];
  readonly missing: Missing;
  /** If rows have an order in time or belong to groups. */
  readonly series?: SeriesForm;
  /** The columns that say so. */
  readonly time?: PlannedColumn;
  readonly group?: PlannedColumn;
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
  const dates = new Map(options.dates?.map(({ column, features }) => [findColumn(reader, column), features]));
  const order = await planOrder(reader, options);
  const rest = restColumns(reader, targetColumns, dates, order);
  const featureColumns = options.features?.map((name) => findColumn(reader, name)) ?? rest;
  const categories = new Map(
    options.categorical.map(({ column, vocabulary }) => [findColumn(reader, column), vocabulary]),
  );
  const refuseUnread = (name: string, columns: Iterable<number>, read: readonly number[], what: string) => {
    const column = [...columns].find((each) => !read.includes(each));
    if (column === undefined) return;
    const expected = `columns that are read as ${what}`;
    fail('data.argument', undefined, { source, name, expected, found: reader.names[column] ?? '' });
  };
  refuseUnread(
    'categorical',
    categories.keys(),
    [...featureColumns, ...targetColumns],
    'features or targets',
  );
  const notCategories = featureColumns.filter((column) => !categories.has(column));
  refuseUnread('dates', dates.keys(), notCategories, 'features, and as no categories');
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
  for (const column of featureColumns) {
    const own = dates.get(column);
    if (own) features.push(...own.map((feature) => planDate(reader, column, feature)));
    else features.push(planned(column, reader.typed && (await reader.hasText(column))));
  }
  const targets: PlannedColumn[] = [];
  const kinds = targetKinds(ports.targets, Math.max(1, order.series?.horizon ?? 1));
  for (const [i, column] of targetColumns.entries())
    targets.push(planned(column, (reader.typed || kinds[i] === 'class') && (await reader.hasText(column))));
  return { features, targets, missing: options.missing, ...order };
}

type PlannedOrder = Pick<TablePlan, 'series' | 'time' | 'group'>;

async function planOrder(reader: TableReader, options: TableOptions): Promise<PlannedOrder> {
  const { series, time, group } = options;
  if (!series) return {};
  const named = (column: number) => ({ column, name: reader.names[column] ?? '' });
  const timeColumn = time === undefined ? undefined : named(findColumn(reader, time));
  const groupColumn = group === undefined ? undefined : named(findColumn(reader, group));
  const areDates =
    timeColumn && ((await reader.hasText(timeColumn.column)) || (await reader.hasDates(timeColumn.column)));
  return {
    series: {
      ...series,
      ...(timeColumn && { time: timeColumn.name }),
      ...(groupColumn && { group: groupColumn.name }),
    },
    ...(timeColumn && { time: { ...timeColumn, as: areDates ? 'time' : 'number' } }),
    ...(groupColumn && { group: { ...groupColumn, as: 'text' } }),
  };
}

/** The columns that are features if none are named. A window holds the target's own past; a row by itself would hold the target. */
function restColumns(
  reader: TableReader,
  targets: readonly number[],
  dates: ReadonlyMap<number, unknown>,
  { series, time, group }: PlannedOrder,
): readonly number[] {
  const areWindows = series !== undefined && series.horizon > 0;
  return [...reader.names.keys()].filter(
    (column) =>
      (areWindows || !targets.includes(column)) &&
      column !== group?.column &&
      (column !== time?.column || dates.has(column)),
  );
}

/** Seconds are in UTC; the calendar's features are those of the clock that the cell shows. */
function planDate(reader: TableReader, column: number, feature: DateFeature): PlannedColumn {
  const name = reader.names[column] ?? '';
  return { column, name, as: feature === 'seconds' ? 'time' : 'clock', feature };
}

/** For each target column, the kind of its port if all were numbers. @param rows of a target */
function targetKinds(ports: readonly Port[], rows: number): readonly Port['kind'][] {
  return ports.flatMap(({ shape, kind }) =>
    Array.from({ length: Math.floor(elementCount(shape) / rows) }, () => kind),
  );
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
