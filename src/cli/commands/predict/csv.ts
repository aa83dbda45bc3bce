// Examples from CSV rows, in the dialect of the training data if that was CSV too.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { suggest } from '../../../diagnostics/suggest.ts';
import { ExampleError } from '../../../runtime/preparation/example-error.ts';
import { parseDate } from '../../../runtime/preparation/dates.ts';
import { cellNames, tableOf, type ColumnForm } from '../../../runtime/preparation/form.ts';
import type { PreparedInput } from '../../../runtime/preparation/prepare.ts';
import { checkNames, decimal } from '../../../runtime/preparation/rows.ts';
import { explainText, isNumeric, missingTest, plainNumber } from '../../../train/data/formats/csv-cells.ts';
import { CsvError, csvRows, type CsvForm, type CsvRow } from '../../../train/data/formats/csv-rows.ts';
import type { Preprocessing } from '../../../train/data/prepare/preprocessing.ts';
import { fromRow, fromValues, onlyInput, type Example } from './forms.ts';
import { newestWindows, takesSeries, type SeriesRow } from './series.ts';

/**
 * Inputs that are a table's columns are matched by the names in the header. Without names they are matched by position, if the model has
 * one input: the first row is an example if it can be, else it is the header, and must have the names.
 * Of a model of windows over a series the rows are the series, and the examples its newest windows.
 * @param csv the dialect of the training data; without it plain CSV (tabs in a .tsv), whose first row is a header if any of its cells is
 * no number
 * @throws DiagnosticError
 */
export function examplesOfCsv(
  text: string,
  path: string,
  inputs: readonly PreparedInput[],
  { csv, series }: Pick<Preprocessing, 'csv' | 'series'> = {},
): readonly Example[] {
  const form = csv ?? { separator: path.toLowerCase().endsWith('.tsv') ? '\t' : ',', header: true };
  const [first, ...rest] = rowsOf(text, path, form);
  if (!first) return malformed(path, 'it holds no row');
  const header = form.header ? headerOf(first, inputs, path, form) : undefined;
  const rows = header ? rest : [first, ...rest];
  const names = header ?? numbersOf(first, inputs);
  if (rows.length === 0) malformed(path, 'it holds no row of values');
  for (const { cells, line } of rows) {
    if (cells.length === first.cells.length) continue;
    const reason: string = `it has ${cells.length} cells, and the first row ${first.cells.length}`;
    fail('data.row', undefined, { path, line, reason });
  }
  const number = numberReader(path, form);
  const columns = inputs.flatMap(({ form: own }) => tableOf(own)?.columns ?? []);
  const kinds = new Map(columns.map(({ name, kind }) => [name, kind]));
  const labels = names.length > 0 ? names : cellNames({ columns });
  const isNumber = (name: string | undefined) => {
    const kind = kinds.get(name ?? '');
    return kind === 'number' || (names.length > 0 ? name === series?.time : kind === undefined);
  };
  const read = rows.map(({ cells, line }): SeriesRow => {
    const own = cells.map((cell, i) =>
      isNumber(labels[i]) ? number(cell, labels[i] ?? String(i + 1), line) : cell,
    );
    return {
      where: `${path}, line ${line}`,
      cells: own,
      named: new Map(names.map((name, i) => [name, own[i]])),
    };
  });
  return takesSeries(inputs)
    ? newestWindows(read, path, inputs, series)
    : read.map((row) => exampleOf(row, inputs));
}

function exampleOf({ where, cells, named }: SeriesRow, inputs: readonly PreparedInput[]): Example {
  if (named.size > 0)
    return { where, values: new Map(inputs.map((input) => [input.port.name, fromRow(input, named, where)])) };
  const input = onlyInput(inputs, where, 'a row without names');
  return { where, values: new Map([[input.port.name, fromValues(input, cells, where)]]) };
}

/** A number's cell as plain decimal; what is no number is refused where it is used, but for a point where commas are decimal. */
function numberReader(path: string, form: CsvForm): (cell: string, name: string, line: number) => string {
  return (cell, name, line) => {
    if (isNumeric(cell, form)) return plainNumber(cell, form);
    if (!decimal.test(cell)) return cell;
    const reason = `the column \`${name}\` is ${JSON.stringify(cell)}, ${explainText(cell, name, form)}`;
    return fail('data.row', undefined, { path, line, reason });
  };
}

/** Missing-value marks become empty cells. */
function rowsOf(text: string, path: string, form: CsvForm): CsvRow[] {
  const isMissing = missingTest(form);
  const rows: CsvRow[] = [];
  try {
    for (const { cells, line } of csvRows(text, form.separator)) {
      const trimmed = cells.map((cell) => cell.trim());
      rows.push({ line, cells: trimmed.map((cell) => (isMissing(cell) ? '' : cell)) });
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    fail('data.row', undefined, { path, line: error.line, reason: error.reason });
  }
  return rows;
}

/** The column names of the first row: undefined if it is an example, empty if inputs have no names. */
function headerOf(
  { cells }: CsvRow,
  inputs: readonly PreparedInput[],
  path: string,
  csv: CsvForm,
): readonly string[] | undefined {
  const columns = inputs.flatMap(({ form }) => tableOf(form)?.columns ?? []);
  if (columns.length === 0 || !inputs.every(({ form }) => tableOf(form)))
    return cells.some((cell) => !decimal.test(cell)) ? [] : undefined;
  const lacking = columns.find(({ name }) => !cells.includes(name));
  if (!lacking) return checkHeader(cells, inputs, path);
  const isExample =
    cells.length === cellNames({ columns }).length &&
    cellNames({ columns }).every((name, i) => {
      const column = columns.find((each) => each.name === name);
      const cell = cells[i] ?? '';
      return cell === '' || (column !== undefined && isCellOf(column, cell, csv));
    });
  if (isExample) return undefined;
  if (cells.length === 1 && columns.length > 1) {
    const mark = csv.separator === '\t' ? 'a tab' : `\`${csv.separator}\``;
    return malformed(path, `its first row has one cell; the training data's are separated by ${mark}`);
  }
  const meant = suggest(lacking.name, cells);
  const found = cells.length > 20 ? `${cells.slice(0, 20).join(', ')}, …` : cells.join(', ');
  const help = meant === undefined ? `its first row is ${found}` : `is it \`${meant}\`?`;
  return malformed(path, `it has no column \`${lacking.name}\`; ${help}`);
}

function isCellOf(column: ColumnForm, cell: string, csv: CsvForm): boolean {
  switch (column.kind) {
    case 'number':
      return isNumeric(cell, csv);
    case 'category':
      return column.vocabulary.includes(cell);
    case 'date':
      return parseDate(cell) !== undefined;
  }
}

/** @throws DiagnosticError for a name that stands twice, or that the training data does not have */
function checkHeader(
  names: readonly string[],
  inputs: readonly PreparedInput[],
  path: string,
): readonly string[] {
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) malformed(path, `two columns are called \`${twice}\``);
  try {
    for (const { form } of inputs) {
      const table = tableOf(form);
      if (table) checkNames(table, names);
    }
  } catch (error) {
    if (!(error instanceof ExampleError)) throw error;
    malformed(path, `the column \`${error.argument}\`: ${error.reason}`);
  }
  return names;
}

/** Columns without names are called by their number from 1, which selects the inputs' columns in rows with further cells. */
function numbersOf({ cells }: CsvRow, inputs: readonly PreparedInput[]): readonly string[] {
  const columns = cellNames({ columns: inputs.flatMap(({ form }) => tableOf(form)?.columns ?? []) });
  const names = cells.map((_, i) => String(i + 1));
  const isMeant = cells.length > columns.length && columns.length > 0;
  return isMeant && columns.every((name) => names.includes(name)) ? names : [];
}

function malformed(path: string, reason: string): never {
  return fail('data.malformed', undefined, { path, format: 'CSV', reason });
}
