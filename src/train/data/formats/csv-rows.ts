// Parses comma-separated values by RFC 4180: quoted cells may contain separators, line breaks and doubled quotes. Yields the rows of a
// text one by one, each with its first line's number (from 1). Empty lines are skipped.

/** CSV dialect of a file. */
export interface CsvForm {
  readonly separator: string;
  /** Whether the first row contains the columns' names; otherwise they are numbered from 1. */
  readonly header: boolean;
  /** Texts that count as missing, besides empty cells. */
  readonly missingMarks?: readonly string[];
  /** Numbers have a decimal comma; absent: a point. */
  readonly decimal?: ',';
}

export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** A violation of the format, and its place. */
export class CsvError extends Error {
  constructor(
    readonly line: number,
    readonly reason: string,
  ) {
    super(`line ${line}: ${reason}`);
    this.name = 'CsvError';
  }
}

/** @throws CsvError */
export function* csvRows(text: string, separator: string): Generator<CsvRow> {
  // A byte order mark is not part of the first column's name.
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const first = line;
    const cells: string[] = [];
    for (;;) {
      if (text[at] === '"') {
        let cell = '';
        for (;;) {
          const close = text.indexOf('"', at + 1);
          if (close < 0) throw new CsvError(first, 'a quote is not closed');
          cell += text.slice(at + 1, close);
          at = close + 1;
          if (text[at] !== '"') break;
          cell += '"';
        }
        cells.push(cell);
        line += countBreaks(cell);
        if (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') {
          throw new CsvError(line, 'something follows a closing quote');
        }
      } else {
        const start = at;
        while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at++;
        const cell = text.slice(start, at);
        if (cell.includes('"'))
          throw new CsvError(line, 'a quote stands inside a cell that does not begin with one');
        cells.push(cell);
      }
      if (text[at] !== separator) break;
      at++;
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    line++;
    if (cells.length > 1 || cells[0] !== '') yield { line: first, cells };
  }
}

function countBreaks(cell: string): number {
  let breaks = 0;
  for (let at = cell.indexOf('\n'); at >= 0; at = cell.indexOf('\n', at + 1)) breaks++;
  return breaks;
}
