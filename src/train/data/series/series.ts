// Series: rows that follow one another in time, and the windows over them that are a model's examples.

/** How examples are made of rows, and how parts are held out. */
export interface SeriesForm {
  /** Rows of an example's inputs. */
  readonly window: number;
  /** Rows of its targets, right after the window; 0 if each row is an example by itself. */
  readonly horizon: number;
  /** Rows from one example's first to the next one's. */
  readonly stride: number;
  /** Held out are the last rows, or whole groups. */
  readonly split: 'time' | 'groups';
  /** The rows after which the series repeats itself, for the seasonal naive forecast. */
  readonly period?: number;
  /** The column that orders the rows. */
  readonly time?: string;
  /** The column that says which series a row belongs to. */
  readonly group?: string;
}

/** Consecutive rows of one group, without a dropped row between them. */
export interface Run {
  readonly start: number;
  /** After the last row. */
  readonly end: number;
  /** Index of the group. Runs of a group are neighbors. */
  readonly group: number;
}

/** The order of a part's rows. All rows of a run lie one after another. */
export interface SeriesRows {
  readonly runs: readonly Run[];
  /** The groups' names; one without a name if there is no column of groups. */
  readonly groups: readonly string[];
  /** Each row's time, ascending within a group. */
  readonly times?: Times;
}

export interface Times {
  /** Of dates: seconds since 1970. */
  readonly values: Float64Array;
  readonly kind: 'date' | 'number';
}

/** The rows of an example. */
export function exampleRows({ window, horizon }: Pick<SeriesForm, 'window' | 'horizon'>): number {
  return window + horizon;
}
