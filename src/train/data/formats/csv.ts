// A CSV table: its header, and its columns as decimal numbers or texts.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { explainText, isNumeric, kindOfText, missingTest, numberOf } from './csv-cells.ts';
import { CsvError, csvRows, type CsvForm, type CsvRow } from './csv-rows.ts';
import type { FoundPath } from '../sources/paths.ts';
import { noDate, parseDate } from '../../../runtime/preparation/dates.ts';
import { readData } from '../sources/read-file.ts';
import { RowFaults } from '../tables/faults.ts';
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
  const faults = new RowFaults(file.path, 'line');
  return {
    path: file.path,
    format: 'CSV',
    names: own,
    typed: false,
    fault: (row, reason) => faults.add(lines.at(row), reason),
    throwFaults: () => faults.throwIfAny(),
    hasText(column) {
      // faults of rows are told by `read`
      for (const { cells } of dataRows(file, form, own, () => undefined)) {
        const cell = (cells[column] ?? '').trim();
        if (!isMissing(cell) && !isNumeric(cell, form)) return Promise.resolve(true);
      }
      return Promise.resolve(false);
    },
    hasDates(column) {
      let found = false;
      for (const { cells } of dataRows(file, form, own, () => undefined)) {
        const cell = (cells[column] ?? '').trim();
        if (isMissing(cell)) continue;
        if (!parseDate(cell)) return Promise.resolve(false);
        found = true;
      }
      return Promise.resolve(found);
    },
    read(wanted) {
      lines.clear();
      const fault: Fault = (line, reason, like) => faults.add(line, reason, like);
      const cells = { form, names: own, isMissing, fault };
      const columns = wanted.map((column) => new GrowingColumn(column, cells));
      let count = 0;
      for (const row of dataRows(file, form, own, fault)) {
        lines.push(row.line);
        for (const column of columns) column.add(row);
        count++;
      }
      if (count === 0) faults.throwIfAny();
      if (count === 0) malformed(file, 'it holds no row of data');
      return Promise.resolve({ count, columns: columns.map((column) => column.finish()) });
    },
  };
}

function namesOf(file: CsvFile, form: CsvForm): readonly string[] {
  const [first] = rowsOf(file, form.separator, (line, reason) => rowError(file, line, reason));
  if (!first) return malformed(file, 'it holds no row');
  const names = first.cells.map((cell, i) => (form.header ? cell.trim() : String(i + 1)));
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) rowError(file, first.line, `two columns are called \`${name}\``);
    seen.add(name);
  }
  return names;
}

type Fault = (line: number, reason: string, like?: string) => void;

/** A row of another width is a fault, and passed over. */
function* dataRows(file: CsvFile, form: CsvForm, names: readonly string[], fault: Fault): Generator<CsvRow> {
  let header = form.header;
  for (const row of rowsOf(file, form.separator, fault)) {
    if (header) {
      header = false;
      const differs = row.cells.findIndex((cell, i) => cell.trim() !== names[i]);
      if (differs >= 0 && row.cells.length === names.length)
        fault(row.line, `the column is \`${row.cells[differs]}\`, not \`${names[differs]}\``);
      if (row.cells.length === names.length) continue;
    }
    if (row.cells.length === names.length) yield row;
    else fault(row.line, `it has ${row.cells.length} cells, and the first row ${names.length}`);
  }
}

/** What breaks the format ends the rows, since nobody knows where the next one begins. */
function* rowsOf(file: CsvFile, separator: string, fault: Fault): Generator<CsvRow> {
  try {
    yield* csvRows(file.text, separator);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    fault(error.line, error.reason);
  }
}

interface Cells {
  readonly form: CsvForm;
  readonly names: readonly string[];
  readonly isMissing: (cell: string) => boolean;
  readonly fault: Fault;
}

class GrowingColumn {
  readonly #values = new GrowingNumbers();
  readonly #texts: TextNumbers | undefined;

  constructor(
    private readonly wanted: WantedColumn,
    private readonly cells: Cells,
  ) {
    this.#texts = wanted.as === 'text' ? new TextNumbers() : undefined;
  }

  add(row: CsvRow): void {
    const cell = (row.cells[this.wanted.column] ?? '').trim();
    if (this.cells.isMissing(cell)) this.#values.push(NaN);
    else if (this.#texts) this.#values.push(this.#texts.numberOf(cell));
    else this.#values.push(this.#valueOf(cell) ?? this.#refuse(row, cell));
  }

  #valueOf(cell: string): number | undefined {
    if (this.wanted.as === 'number') return numberOf(cell, this.cells.form);
    const date = parseDate(cell);
    return this.wanted.as === 'time' ? date?.seconds : date?.clock;
  }

  finish(): TableColumn {
    const values = this.#values.finish().slice();
    return this.#texts ? { values, texts: this.#texts.list } : { values };
  }

  /** A value that is never used: the reader's faults are thrown. */
  #refuse({ line }: CsvRow, cell: string): number {
    const { form, names, fault } = this.cells;
    const name = names[this.wanted.column] ?? '';
    if (this.wanted.as !== 'number') {
      fault(line, `the column \`${name}\`: ${noDate(cell)}`, JSON.stringify([name, 'date']));
      return 0;
    }
    const start = cell.slice(0, 100);
    const found = `${JSON.stringify(cell.slice(0, 40))}, ${explainText(start, name, form)}`;
    fault(line, `the column \`${name}\` is ${found}`, kindOfText(start, name));
    return 0;
  }
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
