// Rows of a table as a model's inputs.
import { suggest } from '../suggest.ts';
import { ExampleError } from './example-error.ts';
import { noDate, parseDate, writeDate } from './dates.ts';
import { cellNames, columnWidth, normalize, preparedSize, type ColumnForm, type TableForm } from './form.ts';

/** A cell of a row: null or an empty text if it is empty, undefined if the row has no such column. */
export type Cell = string | number | boolean | null | undefined;

/** Plain decimal: other texts that JavaScript converts to numbers (hexadecimal, Infinity, the empty text) are errors in a table. */
export const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * The model's input for a row, normalized.
 * @param row cells by the names of the columns
 * @throws ExampleError when a column is absent (an empty cell is present), unknown, no number, or not in the vocabulary
 */
export function prepareRow(form: TableForm, row: ReadonlyMap<string, Cell>): Float32Array {
  const raw = new Float64Array(preparedSize(form));
  checkNames(
    form,
    [...row].flatMap(([name, cell]) => (cell === undefined ? [] : [name])),
  );
  let at = 0;
  for (const column of form.columns) {
    const text = String(row.get(column.name) ?? '').trim();
    const found = valueIn(column, text);
    if (typeof found === 'string') throw new ExampleError(column.name, found);
    if (column.kind === 'date') writeDate(column.feature, found, raw, at);
    else if (column.kind === 'category' && column.encoding === 'one-hot') raw[at + found] = 1;
    else raw[at] = found;
    at += columnWidth(column);
  }
  return normalize(raw, form.normalization, 1);
}

/** An absent column is an error even if empty cells are imputed: its name may be misspelled. @throws ExampleError */
export function checkNames(form: TableForm, names: readonly string[]): void {
  const given = new Set(names);
  const columns = cellNames(form);
  const known = new Set([...columns, ...(form.others ?? [])]);
  const lacking = columns.find((name) => !given.has(name));
  if (lacking !== undefined) {
    const meant = suggest(
      lacking,
      names.filter((name) => !known.has(name)),
    );
    const reason =
      meant === undefined ? 'it is missing' : `it is missing; is it what the row calls \`${meant}\`?`;
    throw new ExampleError(lacking, reason);
  }
  const unknown = form.others && names.find((name) => !known.has(name));
  if (unknown === undefined) return;
  const meant = suggest(unknown, known);
  const listed = columns.length > 12 ? `${columns.slice(0, 12).join(', ')}, …` : columns.join(', ');
  const help = meant === undefined ? `the model takes ${listed}` : `did you mean \`${meant}\`?`;
  throw new ExampleError(unknown, `the training data has no such column; ${help}`);
}

/** A text describes an error. */
function valueIn(column: ColumnForm, text: string): number | string {
  switch (column.kind) {
    case 'number':
      return numberIn(column, text);
    case 'category':
      return categoryIn(column, text);
    case 'date': {
      const found = parseDate(text);
      if (found) return column.feature === 'seconds' ? found.seconds : found.clock;
      return text === '' ? 'it is empty' : noDate(text);
    }
  }
}

function numberIn(column: Extract<ColumnForm, { kind: 'number' }>, text: string): number | string {
  if (text === '') return column.missing ?? 'it is empty';
  const value = decimal.test(text) ? Number(text) : NaN;
  return Number.isFinite(Math.fround(value))
    ? value
    : `it is ${JSON.stringify(text.slice(0, 40))}, which is no number float32 can hold`;
}

function categoryIn(column: Extract<ColumnForm, { kind: 'category' }>, text: string): number | string {
  const wanted = text === '' ? column.missing : text;
  if (wanted === undefined) return 'it is empty';
  const found = column.vocabulary.indexOf(wanted);
  if (found >= 0) return found;
  const known = column.vocabulary.slice(0, 12).join(', ') + (column.vocabulary.length > 12 ? ', …' : '');
  return `it is ${JSON.stringify(wanted.slice(0, 40))}, which is none of ${known}`;
}
