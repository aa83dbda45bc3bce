// Examples from CSV rows, in the dialect of the training data if that was CSV too.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { suggest } from '../../../diagnostics/suggest.ts';
import { ExampleError } from '../../../runtime/preparation/example-error.ts';
import type { PreparedInput } from '../../../runtime/preparation/prepare.ts';
import { checkNames, decimal, type Cell } from '../../../runtime/preparation/rows.ts';
import { explainText, isNumeric, missingTest, plainNumber } from '../../../train/data/formats/csv-cells.ts';
import { CsvError, csvRows, type CsvForm, type CsvRow } from '../../../train/data/formats/csv-rows.ts';
import { fromRow, fromValues, onlyInput, type Example } from './forms.ts';

/**
 * Inputs that are a table's columns are matched by the names in the header. Without names they are matched by position, if the model has
 * one input: the first row is an example if it can be, else it is the header, and must have the names.
 * @param form the dialect of the training data; without it plain CSV (tabs in a .tsv), whose first row is a header if any of its cells is
 * no number
 * @throws DiagnosticError
 */
export function examplesOfCsv(
  text: string,
  path: string,
  inputs: readonly PreparedInput[],
  form: CsvForm = { separator: path.toLowerCase().endsWith('.tsv') ? '\t' : ',', header: true },
): readonly Example[] {
  const [first, ...rest] = rowsOf(text, path, form);
  if (!first) return malformed(path, 'it holds no row');
  const header = form.header ? headerOf(first, inputs, path, form) : undefined;
  const rows = header ? rest : [first, ...rest];
  const names = header ?? numbersOf(first, inputs);
  const number = numberReader(path, form);
  const columns = inputs.flatMap((input) => (input.form.kind === 'table' ? input.form.columns : []));
  const numeric = new Set(columns.flatMap(({ kind, name }) => (kind === 'number' ? [name] : [])));
  if (rows.length === 0) malformed(path, 'it holds no row of values');
  return rows.map(({ cells, line }) => {
    const where = `${path}, line ${line}`;
    if (cells.length !== first.cells.length) {
      const reason = `it has ${cells.length} cells, and the first row ${first.cells.length}`;
      fail('data.row', undefined, { path, line, reason });
    }
    if (names.length > 0) {
      const row = new Map<string, Cell>(
        names.map((name, i) => [name, numeric.has(name) ? number(cells[i] ?? '', name, line) : cells[i]]),
      );
      const values = inputs.map((input) => [input.port.name, fromRow(input, row, where)] as const);
      return { where, values: new Map(values) };
    }
    const input = onlyInput(inputs, where, 'a row without names');
    const own = cells.map((cell, i) => {
      const column = input.form.kind === 'table' ? input.form.columns[i] : undefined;
      return column?.kind === 'category' ? cell : number(cell, column?.name ?? String(i + 1), line);
    });
    return { where, values: new Map([[input.port.name, fromValues(input, own, where)]]) };
  });
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
  const columns = inputs.flatMap(({ form }) => (form.kind === 'table' ? form.columns : []));
  if (columns.length === 0 || !inputs.every(({ form }) => form.kind === 'table'))
    return cells.some((cell) => !decimal.test(cell)) ? [] : undefined;
  const lacking = columns.find(({ name }) => !cells.includes(name));
  if (!lacking) return checkHeader(cells, inputs, path);
  const isExample =
    cells.length === columns.length &&
    columns.every((column, i) => {
      const cell = cells[i] ?? '';
      return (
        cell === '' || (column.kind === 'number' ? isNumeric(cell, csv) : column.vocabulary.includes(cell))
      );
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

/** @throws DiagnosticError for a name that stands twice, or that the training data does not have */
function checkHeader(
  names: readonly string[],
  inputs: readonly PreparedInput[],
  path: string,
): readonly string[] {
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) malformed(path, `two columns are called \`${twice}\``);
  try {
    for (const { form } of inputs) if (form.kind === 'table') checkNames(form, names);
  } catch (error) {
    if (!(error instanceof ExampleError)) throw error;
    malformed(path, `the column \`${error.argument}\`: ${error.reason}`);
  }
  return names;
}

/** Columns without names are called by their number from 1, which selects the inputs' columns in rows with further cells. */
function numbersOf({ cells }: CsvRow, inputs: readonly PreparedInput[]): readonly string[] {
  const columns = inputs.flatMap(({ form }) => (form.kind === 'table' ? form.columns : []));
  const names = cells.map((_, i) => String(i + 1));
  const isMeant = cells.length > columns.length && columns.length > 0;
  return isMeant && columns.every(({ name }) => names.includes(name)) ? names : [];
}

function malformed(path: string, reason: string): never {
  return fail('data.malformed', undefined, { path, format: 'CSV', reason });
}
