// The newest windows of a series, from its rows: what comes after them is what the model forecasts.
import { noDate, parseDate } from '../../../runtime/preparation/dates.ts';
import { prepareWindow, type PreparedInput } from '../../../runtime/preparation/prepare.ts';
import { decimal, type Cell } from '../../../runtime/preparation/rows.ts';
import type { SeriesForm } from '../../../train/data/series/series.ts';
import { at, fromRow, fromValues, refuse, type Example } from './forms.ts';

export interface SeriesRow {
  /** `rows.csv, line 3` */
  readonly where: string;
  readonly cells: readonly Cell[];
  /** The cells by the names of their columns; empty if they have none. */
  readonly named: ReadonlyMap<string, Cell>;
}

/** Whether every input is a window over rows. */
export function takesSeries(inputs: readonly PreparedInput[]): boolean {
  return inputs.length > 0 && inputs.every(({ form }) => form.kind === 'series');
}

/**
 * One example for each group, in the order in which the groups occur.
 * @throws DiagnosticError when a group has fewer rows than a window
 */
export function newestWindows(
  rows: readonly SeriesRow[],
  path: string,
  inputs: readonly PreparedInput[],
  series: SeriesForm | undefined,
): readonly Example[] {
  const { time, group } = series ?? {};
  const groups = new Map<string, SeriesRow[]>();
  for (const row of rows) {
    const name = group === undefined ? '' : String(cellOf(row, group)).trim();
    const own = groups.get(name);
    if (own) own.push(row);
    else groups.set(name, [row]);
  }
  return [...groups].map(([name, own]) => {
    const ordered = time === undefined ? own : inOrder(own, time);
    return newestWindow(ordered, name === '' ? path : `${path}, ${name}`, inputs, time);
  });
}

function cellOf({ named, where }: SeriesRow, column: string): NonNullable<Cell> {
  const cell = named.get(column);
  const text = typeof cell === 'string' ? cell.trim() : cell;
  if (text !== undefined && text !== null && text !== '') return text;
  return refuse(where, column, 'it is missing, and says which row follows which');
}

function inOrder(rows: readonly SeriesRow[], time: string): readonly SeriesRow[] {
  const timed = rows.map((row) => {
    const text = String(cellOf(row, time));
    const moment = decimal.test(text) ? Number(text) : parseDate(text)?.seconds;
    return { row, moment: moment ?? refuse(row.where, time, noDate(text)) };
  });
  timed.sort((a, b) => a.moment - b.moment);
  const twice = timed.find(({ moment }, i) => moment === timed[i - 1]?.moment);
  if (twice) refuse(twice.row.where, time, 'another row of the series has the same time');
  return timed.map(({ row }) => row);
}

function newestWindow(
  rows: readonly SeriesRow[],
  where: string,
  inputs: readonly PreparedInput[],
  time: string | undefined,
): Example {
  const last = rows.at(-1);
  const until = time === undefined || !last ? '' : ` until ${String(cellOf(last, time))}`;
  const values = inputs.map((input) => {
    const { port, form } = input;
    if (form.kind !== 'series') return refuse(where, port.name, 'it takes no rows of a series');
    const prepareRow = (row: PreparedInput, given: SeriesRow) =>
      row.form.kind === 'table' && given.named.size > 0
        ? fromRow(row, given.named, given.where)
        : fromValues(row, given.cells, given.where);
    const own = at(where, () => prepareWindow({ port, form }, rows.slice(-form.window), prepareRow));
    return [port.name, own] as const;
  });
  return { where: `${where}${until}`, values: new Map(values) };
}
