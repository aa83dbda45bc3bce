// The line of a source that an offset lies on, as cells of a terminal: tabs widened, unprintable characters escaped, and of a very long
// line only a window around what is to be shown.
import { cellWidth, printable } from './printable.ts';

/** The cells that a line of source may take. */
const windowWidth = 110;
/** How much of a cut line is kept to the left of the place of interest. */
const leftContext = 30;
const tabWidth = 4;

export interface LineBounds {
  /** The offset of the first character. */
  readonly start: number;
  /** The offset behind the last character, before the line's end. */
  readonly end: number;
}

/** Where the line of `offset` begins and ends. A carriage return before the line feed belongs to neither. */
export function lineBounds(text: string, offset: number): LineBounds {
  const start = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
  const feed = text.indexOf('\n', start);
  const end = feed < 0 ? text.length : feed;
  return { start, end: end > start && text[end - 1] === '\r' ? end - 1 : end };
}

/** The part of a line that is shown. */
export interface ShownLine {
  readonly text: string;
  /** The cell at which an offset is shown; offsets outside of the window give its edges. */
  cellOf(offset: number): number;
  /** Whether any of the range can be seen. */
  shows(start: number, end: number): boolean;
}

/** Shows a line, cut around `interest` where it is long. */
export function showLine(source: string, bounds: LineBounds, interest: number): ShownLine {
  const tooLong = bounds.end - bounds.start > windowWidth;
  let start = tooLong ? Math.max(bounds.start, Math.min(interest, bounds.end) - leftContext) : bounds.start;
  if (start > bounds.start && isLowSurrogate(source, start)) start -= 1;
  const cells: { offset: number; cell: number }[] = [];
  let text = start > bounds.start ? '…' : '';
  let cell = text.length;
  let offset = start;
  for (const character of source.slice(start, Math.min(bounds.end, start + 2 * windowWidth))) {
    if (cell >= windowWidth) break;
    cells.push({ offset, cell });
    const shown = character === '\t' ? ' '.repeat(tabWidth - (cell % tabWidth)) : printable(character);
    text += shown;
    cell += shown === character ? cellWidth(character) : shown.length;
    offset += character.length;
  }
  const end = offset;
  if (end < bounds.end) text += '…';
  return {
    text,
    cellOf: (wanted) =>
      cells.findLast((each) => each.offset <= wanted && wanted < end)?.cell ?? (wanted < start ? 0 : cell),
    shows: (first, last) => first <= end && last >= start && (first < end || end === bounds.end),
  };
}

function isLowSurrogate(text: string, offset: number): boolean {
  const unit = text.charCodeAt(offset);
  return unit >= 0xdc00 && unit <= 0xdfff;
}
