// A source file and places in it. Every node of the syntax tree, the graph and the kernels can say where it came from.

/** One text that was read: `path` is what messages show (relative to the working directory, or `std/name.nn`). */
export interface Source {
  readonly path: string;
  readonly text: string;
  /** True for the standard library: messages put the user's own line first. */
  readonly library: boolean;
}

/** Bytes that a source may have. */
export const sourceLimit = 10 * 2 ** 20;

/** The half-open range `start` to `end` of UTF-16 offsets in a source. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** A 1-based line and column. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The 1-based line and column of an offset in a text; an offset past the end gives the end. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}

/** The smallest span that covers both; both must be of one source. */
export function coverSpans(first: Span, last: Span): Span {
  return {
    source: first.source,
    start: Math.min(first.start, last.start),
    end: Math.max(first.end, last.end),
  };
}
