// Tables as fields of examples, whatever file they lie in. The feature columns are dealt to the model's inputs in order: a number
// takes one element, a category as many as its vocabulary has texts (or one, its number, where the input holds whole numbers).
// The target columns are dealt to its targets. A vocabulary is stated, or all texts of the training file in the order of
// their code units.

/** A column by its name, or by its number from 1. */
export type ColumnName = string | number;

/** A column's cells, NaN where one is missing. */
export interface TableColumn {
  /** Numbers; or, of a column of texts, places in `texts`. */
  readonly values: Float64Array;
  /** The distinct texts, as they came. */
  readonly texts?: readonly string[];
}

/** A table's file, opened: what its columns are called. */
export interface TableReader {
  readonly path: string;
  readonly format: string;
  readonly names: readonly string[];
  /** Whether the file says itself which columns are texts; else a column of features is numbers unless it is called a category. */
  readonly typed: boolean;
  /** Whether a cell of the column is no number. */
  hasText(column: number): Promise<boolean>;
  /** Reads columns, each as numbers or as texts. */
  read(
    wanted: readonly WantedColumn[],
  ): Promise<{ readonly count: number; readonly columns: readonly TableColumn[] }>;
  /** @param row from 0, of those `read` gave */
  rowError(row: number, reason: string): never;
}

export interface WantedColumn {
  readonly column: number;
  readonly as: 'number' | 'text';
}

/** What happens to a cell that is missing. */
export type Missing =
  | { readonly kind: 'error' }
  /** Its row is left out. */
  | { readonly kind: 'drop' }
  /** The training part's mean; of a category, its most frequent text. */
  | { readonly kind: 'mean' }
  /** A number for columns of numbers, or a text for categories. */
  | { readonly kind: 'value'; readonly value: number | string };

export interface TableOptions {
  readonly target: readonly ColumnName[];
  /** All columns that are no target when absent. */
  readonly features?: readonly ColumnName[];
  readonly categorical: readonly CategoryOption[];
  readonly missing: Missing;
}

export interface CategoryOption {
  readonly column: ColumnName;
  readonly vocabulary?: readonly string[];
}

/** Numbers texts as they come. */
export class TextNumbers {
  readonly #numbers = new Map<string, number>();

  /** NaN for an empty one. */
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
