// A table of comma-separated values as fields of examples. The feature columns are dealt to the model's inputs in order, as many
// as each has elements, and the target columns to its targets. Numbers are decimal; a target that is a class may be text,
// and its classes are then the distinct texts of the training file in alphabetical order.
import { fail } from '../../diagnostics/diagnostic.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import type { Port } from '../../runtime/specification.ts';
import { elementCount } from '../../runtime/tensor.ts';
import type { ColumnName } from './arguments.ts';
import { CsvError, csvRows, type CsvRow } from './csv-rows.ts';
import type { RawField, RawPart, RawValues } from './raw-data.ts';

export interface CsvForm {
  readonly separator: string;
  /** Whether the first row names the columns; without it they are called by their number from 1. */
  readonly header: boolean;
}

/** A file's text, read row by row. */
export interface CsvFile {
  readonly text: string;
  readonly path: string;
}

/** Which columns become which port. */
export interface CsvPlan {
  readonly form: CsvForm;
  /** Every column's name, in order. */
  readonly names: readonly string[];
  readonly fields: readonly {
    readonly field: RawField;
    readonly port: Port;
    readonly columns: readonly number[];
  }[];
}

/** Plain decimal: what else JavaScript takes for a number (hexadecimal, Infinity, nothing at all) is a mistake in a table. */
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * @param features the feature columns; all that are no target when undefined
 * @throws DiagnosticError for an unknown column, or when columns and ports do not come out even
 */
export function planCsv(
  file: CsvFile,
  form: CsvForm,
  columns: { readonly target: readonly ColumnName[]; readonly features: readonly ColumnName[] | undefined },
  ports: { readonly inputs: readonly Port[]; readonly targets: readonly Port[] },
): CsvPlan {
  const [first] = rowsOf(file, form.separator);
  if (!first) return malformed(file, 'it holds no row');
  const names = form.header
    ? first.cells.map((cell) => cell.trim())
    : first.cells.map((_, i) => String(i + 1));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) rowError(file, first.line, `two columns are called \`${twice}\``);
  const target = columns.target.map((name) => findColumn(file, names, name));
  const features = columns.features?.map((name) => findColumn(file, names, name));
  const rest = names.map((_, i) => i).filter((i) => !target.includes(i));
  const fields = [
    ...deal(file, 'input', ports.inputs, features ?? rest, names),
    ...deal(file, 'target', ports.targets, target, names),
  ];
  return { form, names, fields };
}

function findColumn(file: CsvFile, names: readonly string[], name: ColumnName): number {
  const index = typeof name === 'number' ? name - 1 : names.indexOf(name);
  if (index >= 0 && index < names.length) return index;
  const meant = suggest(String(name), names);
  const known = names.length > 20 ? `${names.slice(0, 20).join(', ')}, …` : names.join(', ');
  return malformed(
    file,
    `it has no column ${name}; ${meant === undefined ? `it has ${known}` : `did you mean ${meant}?`}`,
  );
}

function deal(
  file: CsvFile,
  role: RawField['role'],
  ports: readonly Port[],
  columns: readonly number[],
  names: readonly string[],
): CsvPlan['fields'] {
  const wanted = ports.reduce((sum, port) => sum + elementCount(port.shape), 0);
  if (ports.length > 0 && wanted !== columns.length) {
    const shown = columns.map((column) => names[column]);
    const list = shown.length > 12 ? `${shown.slice(0, 12).join(', ')}, …` : shown.join(', ');
    const expected = ports.map((port) => `\`${port.name}\` [${port.shape.join(', ')}]`).join(', ');
    malformed(
      file,
      `the model's ${role} ${expected} takes ${wanted} columns, but there are ${columns.length} (${list || 'none'})`,
    );
  }
  let next = 0;
  return ports.map((port) => {
    const size = elementCount(port.shape);
    const own = columns.slice(next, next + size);
    next += size;
    const kind = port.kind === 'class' ? 'class' : 'number';
    return { field: { name: port.name, role, kind, shape: port.shape }, port, columns: own };
  });
}

/** The texts of a class, each with its number. */
export type Categories = ReadonlyMap<string, number>;

export interface CsvPart {
  readonly part: RawPart;
  /** By field, for those whose cells are texts. */
  readonly categories: ReadonlyMap<string, Categories>;
}

/**
 * Reads all rows.
 * @param known the training file's categories, when this is another file: a text that is not among them is an error
 */
export function readCsvPart(file: CsvFile, plan: CsvPlan, known?: CsvPart['categories']): CsvPart {
  const columns = plan.fields.map((field) => {
    const texts =
      field.port.kind === 'class' &&
      (known ? known.has(field.field.name) : hasText(file, plan, field.columns));
    return {
      ...field,
      values: new GrowingFloats(),
      texts: texts ? new TextLabels(known?.get(field.field.name)) : undefined,
    };
  });
  let count = 0;
  for (const row of dataRows(file, plan)) {
    for (const { columns: own, values, texts } of columns) {
      for (const column of own)
        values.push(texts ? texts.label(file, row, plan, column) : numberAt(file, row, plan, column));
    }
    count++;
  }
  if (count === 0) malformed(file, 'it holds no row of data');

  const fields = new Map<string, RawValues>();
  const categories = new Map<string, Categories>();
  for (const { field, values, texts } of columns) {
    const found = values.finish();
    fields.set(field.name, { values: texts ? texts.sort(found) : found, path: file.path });
    if (texts) categories.set(field.name, texts.labels);
  }
  return { part: { count, fields }, categories };
}

/** Whether any cell of the columns is no number: then all are texts. */
function hasText(file: CsvFile, plan: CsvPlan, columns: readonly number[]): boolean {
  for (const { cells } of dataRows(file, plan)) {
    if (columns.some((column) => !decimal.test((cells[column] ?? '').trim()))) return true;
  }
  return false;
}

function* dataRows(file: CsvFile, plan: CsvPlan): Generator<CsvRow> {
  let header = plan.form.header;
  for (const row of rowsOf(file, plan.form.separator)) {
    if (row.cells.length !== plan.names.length) {
      rowError(file, row.line, `it has ${row.cells.length} cells, and the first row ${plan.names.length}`);
    }
    if (header) {
      const differs = row.cells.findIndex((cell, i) => cell.trim() !== plan.names[i]);
      if (differs >= 0)
        rowError(file, row.line, `the column is \`${row.cells[differs]}\`, not \`${plan.names[differs]}\``);
    } else yield row;
    header = false;
  }
}

function* rowsOf(file: CsvFile, separator: string): Generator<CsvRow> {
  try {
    yield* csvRows(file.text, separator);
  } catch (error) {
    if (error instanceof CsvError) rowError(file, error.line, error.reason);
    throw error;
  }
}

function numberAt(file: CsvFile, row: CsvRow, plan: CsvPlan, column: number): number {
  const cell = (row.cells[column] ?? '').trim();
  const value = decimal.test(cell) ? Number(cell) : NaN;
  if (Number.isFinite(Math.fround(value))) return value;
  const found =
    cell === '' ? 'empty' : `${JSON.stringify(cell.slice(0, 40))}, which is no number float32 can hold`;
  return rowError(file, row.line, `the column \`${plan.names[column]}\` is ${found}`);
}

/** Numbers the texts of a column as they come, and at the end in alphabetical order. */
class TextLabels {
  labels: Categories;
  readonly #seen = new Map<string, number>();

  constructor(private readonly known: Categories | undefined) {
    this.labels = known ?? new Map();
  }

  label(file: CsvFile, row: CsvRow, plan: CsvPlan, column: number): number {
    const text = (row.cells[column] ?? '').trim();
    const name = plan.names[column] ?? '';
    if (text === '') rowError(file, row.line, `the column \`${name}\` is empty`);
    if (this.known) {
      const found = this.known.get(text);
      const shown = JSON.stringify(text.slice(0, 40));
      return (
        found ??
        rowError(file, row.line, `the column \`${name}\` is ${shown}, which the training file does not have`)
      );
    }
    const number = this.#seen.get(text) ?? this.#seen.size;
    this.#seen.set(text, number);
    return number;
  }

  /** Renumbers what `label` gave, in place. */
  sort(values: Float32Array): Float32Array {
    if (this.known) return values;
    const texts = [...this.#seen.keys()];
    // By code units, not by locale: the same on every machine.
    const sorted = [...texts].sort();
    this.labels = new Map(sorted.map((text, i) => [text, i]));
    const final = texts.map((text) => this.labels.get(text) ?? 0);
    values.forEach((value, i) => (values[i] = final[value] ?? 0));
    return values;
  }
}

class GrowingFloats {
  #values = new Float32Array(1024);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float32Array(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  finish(): Float32Array {
    return this.#values.slice(0, this.#length);
  }
}

function malformed(file: CsvFile, reason: string): never {
  return fail('data.malformed', undefined, { path: file.path, format: 'CSV', reason });
}

function rowError(file: CsvFile, line: number, reason: string): never {
  return fail('data.row', undefined, { path: file.path, line, reason });
}
