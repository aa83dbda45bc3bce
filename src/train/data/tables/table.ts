// Tables as fields of examples, whatever their file format. The feature columns are assigned to the model's inputs in order: a number has
// one element, a category as many as its vocabulary has texts (or one, its index, if the input is of integers). The target columns are
// assigned to its targets. A vocabulary is stated, or consists of all texts of the training file, sorted by code units.
import type { DateFeature } from '../../../runtime/preparation/dates.ts';
import type { SeriesForm } from '../series/series.ts';

/** A column by its name, or by its number from 1. */
export type ColumnName = string | number;

/** A column's cells, NaN if missing. */
export interface TableColumn {
  /** Numbers; or, in a column of texts, indices into `texts`. */
  readonly values: Float64Array;
  /** The distinct texts, in order of occurrence. */
  readonly texts?: readonly string[];
}

/** An open table file, with its columns' names. */
export interface TableReader {
  readonly path: string;
  readonly format: string;
  readonly names: readonly string[];
  /** Whether the file has column types; otherwise a feature column is numeric unless it is declared as a category. */
  readonly typed: boolean;
  /** Whether any cell of the column is not numeric. */
  hasText(column: number): Promise<boolean>;
  /** Whether the column can be read as times: every cell is a date or empty, or the file's type says so. */
  hasDates(column: number): Promise<boolean>;
  /** Reads columns, each as its kind of cells. Cells that cannot be read are faults. */
  read(
    wanted: readonly WantedColumn[],
  ): Promise<{ readonly count: number; readonly columns: readonly TableColumn[] }>;
  /** Keeps a fault. @param row from 0, of the rows read */
  fault(row: number, reason: string): void;
  /** To be called before what was read is used. @throws DiagnosticError with all faults of the rows read, and those that were added */
  throwFaults(): void;
}

/** Dates are read as seconds since 1970: as a `time` in UTC, as a `clock` of the calendar that the cell shows. */
export type CellKind = 'number' | 'text' | 'time' | 'clock';

export interface WantedColumn {
  readonly column: number;
  readonly as: CellKind;
}

/** How a missing cell is handled. */
export type Missing =
  | { readonly kind: 'error' }
  /** Its row is dropped. */
  | { readonly kind: 'drop' }
  /** Replaced by the training part's mean; in a category, by its most frequent text. */
  | { readonly kind: 'mean' }
  /** Replaced by a number in numeric columns, or a text in categories. */
  | { readonly kind: 'value'; readonly value: number | string };

export interface TableOptions {
  readonly target: readonly ColumnName[];
  /** If absent, all columns that are no target. */
  readonly features?: readonly ColumnName[];
  readonly categorical: readonly CategoryOption[];
  /** The columns of dates. */
  readonly dates?: readonly DateOption[];
  readonly missing: Missing;
  /** If rows have an order in time or belong to groups, how examples are made of them; and the columns that say so. */
  readonly series?: SeriesForm;
  readonly time?: ColumnName;
  readonly group?: ColumnName;
}

export interface DateOption {
  readonly column: ColumnName;
  readonly features: readonly DateFeature[];
}

export interface CategoryOption {
  readonly column: ColumnName;
  readonly vocabulary?: readonly string[];
}

/** Numbers texts in order of occurrence. */
export class TextNumbers {
  readonly #numbers = new Map<string, number>();

  /** NaN for an empty text. */
  numberOf(text: string): number {
    const trimmed = text.trim();
    if (trimmed === '') return NaN;
    const found = this.#numbers.get(trimmed);
    if (found !== undefined) return found;
    this.#numbers.set(trimmed, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  get list(): readonly string[] {
    return [...this.#numbers.keys()];
  }
}
