// A CSV table: its header, and its columns as decimal numbers or texts.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { CsvError, csvRows, missingTest, type CsvForm, type CsvRow } from './csv-rows.ts';
import type { FoundPath } from '../sources/paths.ts';
import { decimal } from '../../../runtime/preparation/rows.ts';
import { readData } from '../sources/read-file.ts';
import { TextNumbers, type TableColumn, type TableReader, type WantedColumn } from '../tables/table.ts';

/** A file's text, read row by row. */
export interface CsvFile {
  readonly text: string;
  readonly path: string;
}

/** @throws DiagnosticError */
export async function readCsvFile(found: FoundPath): Promise<CsvFile> {
  const bytes = await readData(found, 'CSV');
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), path: found.shown };
  } catch {
    const reason = 'it is no text in UTF-8, or too long for one';
    return fail('data.malformed', undefined, { path: found.shown, format: 'CSV', reason });
  }
}

/**
 * @param names the columns of the training file: this file's must be the same
 * @throws DiagnosticError when there is no row, or two columns have one name
 */
export function openCsv(file: CsvFile, form: CsvForm, names?: readonly string[]): TableReader {
  const own = names ?? namesOf(file, form);
  const isMissing = missingTest(form);
  const lines = new GrowingNumbers();
  return {
    path: file.path,
    format: 'CSV',
    names: own,
    typed: false,
    rowError: (row, reason) => rowError(file, lines.at(row), reason),
    hasText(column) {
      for (const { cells } of dataRows(file, form, own)) {
        const cell = (cells[column] ?? '').trim();
        if (!isMissing(cell) && !decimal.test(cell)) return Promise.resolve(true);
      }
      return Promise.resolve(false);
    },
    read(wanted) {
      lines.clear();
      const columns = wanted.map((column) => new GrowingColumn(column));
      let count = 0;
      for (const row of dataRows(file, form, own)) {
        lines.push(row.line);
        for (const column of columns) column.add(file, row, own, isMissing);
        count++;
      }
      if (count === 0) malformed(file, 'it holds no row of data');
      return Promise.resolve({ count, columns: columns.map((column) => column.finish()) });
    },
  };
}

function namesOf(file: CsvFile, form: CsvForm): readonly string[] {
  const [first] = rowsOf(file, form.separator);
  if (!first) return malformed(file, 'it holds no row');
  const names = first.cells.map((cell, i) => (form.header ? cell.trim() : String(i + 1)));
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) rowError(file, first.line, `two columns are called \`${name}\``);
    seen.add(name);
  }
  return names;
}

function* dataRows(file: CsvFile, form: CsvForm, names: readonly string[]): Generator<CsvRow> {
  let header = form.header;
  for (const row of rowsOf(file, form.separator)) {
    if (row.cells.length !== names.length) {
      rowError(file, row.line, `it has ${row.cells.length} cells, and the first row ${names.length}`);
    }
    if (header) {
      const differs = row.cells.findIndex((cell, i) => cell.trim() !== names[i]);
      if (differs >= 0)
        rowError(file, row.line, `the column is \`${row.cells[differs]}\`, not \`${names[differs]}\``);
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

class GrowingColumn {
  readonly #values = new GrowingNumbers();
  readonly #texts: TextNumbers | undefined;

  constructor(private readonly wanted: WantedColumn) {
    this.#texts = wanted.as === 'text' ? new TextNumbers() : undefined;
  }

  add(file: CsvFile, row: CsvRow, names: readonly string[], isMissing: (cell: string) => boolean): void {
    const { column } = this.wanted;
    const cell = (row.cells[column] ?? '').trim();
    if (isMissing(cell)) this.#values.push(NaN);
    else if (this.#texts) this.#values.push(this.#texts.numberOf(cell));
    else this.#values.push(numberOf(cell) ?? notNumber(file, row, names[column] ?? '', cell));
  }

  finish(): TableColumn {
    const values = this.#values.finish().slice();
    return this.#texts ? { values, texts: this.#texts.list } : { values };
  }
}

function numberOf(cell: string): number | undefined {
  const value = decimal.test(cell) ? Number(cell) : NaN;
  return Number.isFinite(Math.fround(value)) ? value : undefined;
}

function notNumber(file: CsvFile, row: CsvRow, name: string, cell: string): never {
  const mend = decimal.test(cell) ? '' : `; ${mendFor(cell, name)}`;
  const found = `${JSON.stringify(cell.slice(0, 40))}, which is no number float32 can hold${mend}`;
  return rowError(file, row.line, `the column \`${name}\` is ${found}`);
}

/** How a cell that is no number is meant: a mark of a missing cell, a decimal comma, a unit, or else a text. */
function mendFor(cell: string, name: string): string {
  if (/^(?:\?|-+|\.|n\/?a|nan|null|none)$/i.test(cell))
    return `\`missing_marks = ${JSON.stringify(cell)}\` would take it as missing`;
  if (/^-?\d+,\d+$/.test(cell)) return `a decimal point would make it \`${cell.replace(',', '.')}\``;
  const [, number, unit] = /^(-?\d+(?:\.\d+)?)\s*([a-zA-Z%°€$]+)$/.exec(cell) ?? [];
  if (number !== undefined && unit !== undefined) return `without its unit it would be \`${number}\``;
  return `\`categorical = ["${name}"]\` would take texts`;
}

class GrowingNumbers {
  #values = new Float64Array(1024);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  at(index: number): number {
    return this.#values[index] ?? 0;
  }

  clear(): void {
    this.#length = 0;
  }

  finish(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }
}

function malformed(file: CsvFile, reason: string): never {
  return fail('data.malformed', undefined, { path: file.path, format: 'CSV', reason });
}

function rowError(file: CsvFile, line: number, reason: string): never {
  return fail('data.row', undefined, { path: file.path, line, reason });
}
