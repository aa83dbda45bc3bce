// Puts a table's rows in the order of time, group by group, and finds the runs of rows that windows may lie in.
import type { TableColumn, TableReader } from '../tables/table.ts';
import type { Run, SeriesRows, Times } from './series.ts';

/** The columns that say which row follows which, as read. */
export interface OrderColumns {
  readonly time?: { readonly name: string; readonly kind: Times['kind']; readonly column: TableColumn };
  readonly group?: { readonly name: string; readonly column: TableColumn };
}

export interface OrderedRows {
  /** The rows of the file, by their place in the order. */
  readonly rows: Uint32Array;
  readonly series: SeriesRows;
}

/**
 * @param kept whether a row is kept; all are if undefined. A run ends where one is not
 * @throws DiagnosticError for an empty cell of either column, or two rows of a group with the same time
 */
export function orderRows(
  reader: TableReader,
  { time, group }: OrderColumns,
  count: number,
  kept?: (row: number) => boolean,
): OrderedRows {
  const times = time?.column.values;
  const groups = group?.column.values;
  for (const each of [time, group]) {
    const empty = each ? each.column.values.findIndex(Number.isNaN) : -1;
    if (each && empty >= 0) reader.fault(empty, `the column \`${each.name}\` is empty`);
  }
  reader.throwFaults();
  const order = Uint32Array.from({ length: count }, (_, row) => row);
  const groupOf = (row: number) => groups?.[row] ?? 0;
  const timeOf = (row: number) => times?.[row] ?? row;
  if (times || groups) order.sort((a, b) => groupOf(a) - groupOf(b) || timeOf(a) - timeOf(b) || a - b);
  if (time) checkTimes(reader, order, groupOf, time);
  const rows: number[] = [];
  const runs: Run[] = [];
  let start = 0;
  const endRun = (group: number) => {
    if (rows.length > start) runs.push({ start, end: rows.length, group });
    start = rows.length;
  };
  order.forEach((row, i) => {
    const before = order[i - 1];
    if (before !== undefined && groupOf(before) !== groupOf(row)) endRun(groupOf(before));
    if (!kept || kept(row)) rows.push(row);
    else endRun(groupOf(row));
  });
  endRun(groupOf(order.at(-1) ?? 0));
  const series = {
    runs,
    groups: group?.column.texts ?? [''],
    ...(time && { times: { kind: time.kind, values: Float64Array.from(rows, timeOf) } }),
  };
  return { rows: Uint32Array.from(rows), series };
}

function checkTimes(
  reader: TableReader,
  order: Uint32Array,
  groupOf: (row: number) => number,
  { name, column: { values } }: NonNullable<OrderColumns['time']>,
): void {
  const twice = order.findIndex((row, i) => {
    const before = order[i - 1];
    return before !== undefined && groupOf(before) === groupOf(row) && values[before] === values[row];
  });
  if (twice < 0) return;
  reader.fault(
    order[twice] ?? 0,
    `the column \`${name}\` says the same time as an earlier row of the same series; \`group\` names the column that tells several series apart`,
  );
  reader.throwFaults();
}
