// The code frame of the places in one source that a diagnostic involves: the lines in the order of the text, each followed by its marks.
// Lines between that nobody marked are left out, but for a single one.
import { lineBounds, showLine } from './source-line.ts';
import { positionAt, type Span } from './source.ts';
import { printable } from './printable.ts';

/** A place and what is said of it. */
export interface Mark {
  readonly span: Span;
  readonly message: string;
  readonly primary: boolean;
}

/** How the parts of a frame are colored; the plain style gives every text back as it is. */
export interface FrameStyle {
  readonly gutter: (text: string) => string;
  readonly primary: (text: string) => string;
  readonly related: (text: string) => string;
}

/** A mark's part on one line. */
interface Stroke {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly mark: Mark;
  /** The message stands behind the last stroke of a mark. */
  readonly last: boolean;
}

/** The number of the last line that a frame of these marks shows. */
export function lastLineOf(marks: readonly Mark[]): number {
  return Math.max(0, ...marks.flatMap((mark) => strokesOf(mark)).map((stroke) => stroke.line));
}

/** The lines of a frame of marks that lie in one source, whose line numbers take `width` characters. */
export function frameLines(marks: readonly Mark[], width: number, style: FrameStyle): string[] {
  const text = marks[0]?.span.source.text ?? '';
  const strokes = marks.flatMap((mark) => strokesOf(mark)).sort(inReadingOrder);
  const empty = style.gutter(`${' '.repeat(width)} |`);
  const lines = [empty];
  let previous: Stroke | undefined;
  for (const stroke of strokes) {
    if (!previous || stroke.line !== previous.line || !sameWindow(text, previous, stroke)) {
      if (previous && stroke.line === previous.line + 2)
        lines.push(sourceLine(text, previous, 1, width, style));
      else if (previous && stroke.line > previous.line + 1) lines.push(style.gutter('...'));
      lines.push(sourceLine(text, stroke, 0, width, style));
      previous = stroke;
    }
    lines.push(`${empty} ${underline(text, previous, stroke, style)}`.trimEnd());
  }
  return [...lines, empty];
}

function inReadingOrder(left: Stroke, right: Stroke): number {
  return (
    left.line - right.line ||
    Number(right.mark.primary) - Number(left.mark.primary) ||
    left.start - right.start
  );
}

/** A mark on one line is one stroke; over several lines, one on the first and one on the last. */
function strokesOf(mark: Mark): Stroke[] {
  const { text } = mark.span.source;
  const start = Math.min(mark.span.start, text.length);
  const end = Math.max(start, Math.min(mark.span.end, text.length));
  const first = lineBounds(text, start);
  const line = positionAt(text, start).line;
  // A span that takes in a line's end, and no more, is still on that line.
  if (end <= first.end || text.slice(first.end, end).trim() === '')
    return [{ line, start, end: Math.max(start, Math.min(end, first.end)), mark, last: true }];
  const last = lineBounds(text, end);
  const lastLine = line + positionAt(text.slice(first.start, end), end - first.start).line - 1;
  const indent = /^[ \t]*/.exec(text.slice(last.start, end))?.[0].length ?? 0;
  return [
    { line, start, end: first.end, mark, last: false },
    { line: lastLine, start: Math.min(last.start + indent, end), end, mark, last: true },
  ];
}

/** Whether a second mark of a line can be drawn below the same window of it. */
function sameWindow(text: string, shown: Stroke, stroke: Stroke): boolean {
  return showLine(text, lineBounds(text, shown.start), shown.start).shows(stroke.start, stroke.end);
}

/** The line of a stroke, or the one `below` lines further down. */
function sourceLine(text: string, stroke: Stroke, below: number, width: number, style: FrameStyle): string {
  let bounds = lineBounds(text, stroke.start);
  for (let step = 0; step < below; step++) bounds = lineBounds(text, text.indexOf('\n', bounds.end) + 1);
  const shown = showLine(text, bounds, below === 0 ? stroke.start : bounds.start).text;
  return `${style.gutter(`${String(stroke.line + below).padStart(width)} |`)} ${shown}`.trimEnd();
}

function underline(text: string, shown: Stroke, stroke: Stroke, style: FrameStyle): string {
  const window = showLine(text, lineBounds(text, shown.start), shown.start);
  const from = window.cellOf(stroke.start);
  const to = Math.max(from + 1, stroke.end > stroke.start ? window.cellOf(stroke.end) : 0);
  const { primary, message } = stroke.mark;
  const drawn = (primary ? '^' : '-').repeat(to - from);
  const said = stroke.last && message !== '' ? ` ${printable(message)}` : '';
  return ' '.repeat(from) + (primary ? style.primary : style.related)(drawn + said);
}
