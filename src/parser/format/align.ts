// Aligns neighboring lines in columns: the words of a model's items, the `=` of its `let`s, and trailing comments.
import { cellWidth } from '../../diagnostics/printable.ts';
import type { Line } from './lines.ts';

export function alignLines(lines: readonly Line[]): string {
  for (const run of runs(
    lines,
    (line, before) => line.column !== undefined && line.column.kind === before?.column?.kind,
  )) {
    const width = Math.max(...run.map((line) => line.column?.at ?? 0));
    for (const line of run) {
      if (!line.column) continue;
      const { at } = line.column;
      line.text = line.text.slice(0, at) + ' '.repeat(width - at) + line.text.slice(at);
    }
  }
  for (const run of runs(
    lines,
    (line, before) =>
      line.comment !== undefined && before?.comment !== undefined && line.indent === before.indent,
  )) {
    const width = Math.max(...run.map(codeWidth));
    for (const line of run)
      if (line.comment !== undefined) line.text += ' '.repeat(width - codeWidth(line) + 2) + line.comment;
  }
  const text = lines.map(
    (line) => (line.blankBefore ? '\n' : '') + ' '.repeat(line.indent) + line.text + '\n',
  );
  return text.join('');
}

/** Splits the lines at blank lines, and where a line does not continue the one before. */
function runs(lines: readonly Line[], goesOn: (line: Line, before: Line | undefined) => boolean): Line[][] {
  const found: Line[][] = [];
  for (const [index, line] of lines.entries()) {
    const run = found.at(-1);
    if (run && !line.blankBefore && goesOn(line, lines[index - 1])) run.push(line);
    else found.push([line]);
  }
  return found;
}

const codeWidth = (line: Line): number => {
  let width = line.indent;
  for (const character of line.text) width += cellWidth(character);
  return width;
};
