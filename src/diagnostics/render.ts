// Diagnostics as the text that people read: what is wrong, a code frame with every place involved, and the fix. The user's own lines
// come first, those of the standard library second.
import { frameLines, lastLineOf, type FrameStyle, type Mark } from './frame.ts';
import type { Diagnostic } from './diagnostic.ts';
import { diagnosticText } from './message.ts';
import { printable } from './printable.ts';
import { positionAt, type Source } from './source.ts';

export interface RenderOptions {
  readonly color: boolean;
}

export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions): string {
  return diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, options)).join('\n\n');
}

export function renderDiagnostic(diagnostic: Diagnostic, options: RenderOptions): string {
  const { message, help } = diagnosticText(diagnostic);
  const paint = options.color ? colors : plain;
  const head = diagnostic.severity === 'error' ? paint.error : paint.warning;
  const lines = [
    `${head(`${diagnostic.severity}[${diagnostic.code}]`)}${paint.strong(`: ${message}`)}`,
    ...renderFrames(diagnostic, { ...paint, primary: head }),
  ];
  const edit = editHelp(diagnostic, help);
  for (const text of [help, edit, allowHelp(diagnostic)]) {
    if (text === undefined) continue;
    lines.push(`${paint.help('help')}: ${text.replaceAll('\n', '\n      ')}`);
  }
  return lines.join('\n');
}

function renderFrames(diagnostic: Diagnostic, style: FrameStyle): string[] {
  const groups = groupBySource(diagnostic);
  const width = String(Math.max(0, ...[...groups.values()].map(lastLineOf))).length;
  const lines: string[] = [];
  for (const [source, marks] of groups) {
    const [place] = marks;
    if (!place) continue;
    const { line, column } = positionAt(source.text, place.span.start);
    const arrow = style.gutter(lines.length === 0 ? `${' '.repeat(width)}-->` : `${' '.repeat(width)}:::`);
    lines.push(`${arrow} ${printable(source.path)}:${line}:${column}`, ...frameLines(marks, width, style));
  }
  return lines;
}

/** The marks by their sources: the first place leads, but a user's file goes before any of the library. */
function groupBySource(diagnostic: Diagnostic): Map<Source, Mark[]> {
  const { span, related } = diagnostic;
  const marks: Mark[] = [
    ...(span ? [{ span, message: '', primary: true }] : []),
    ...related.map((place) => ({ ...place, primary: false })),
  ];
  const inOrder = [
    ...marks.filter((mark) => !mark.span.source.library),
    ...marks.filter((mark) => mark.span.source.library),
  ];
  const groups = new Map<Source, Mark[]>();
  for (const mark of inOrder) {
    const group = groups.get(mark.span.source);
    if (group) group.push(mark);
    else groups.set(mark.span.source, [mark]);
  }
  return groups;
}

/** How the edit reads, unless the help has said so already. */
function editHelp(diagnostic: Diagnostic, help: string | undefined): string | undefined {
  const { edit, span } = diagnostic;
  // An edit of several lines is for editors; the help says what it does.
  if (!edit || edit.replacement.includes('\n')) return undefined;
  const replacement = printable(edit.replacement);
  if (replacement !== '' && help?.includes(`\`${replacement}\``)) return undefined;
  const { source, start, end } = edit.span;
  const line = positionAt(source.text, start).line;
  const elsewhere = !span || span.source !== source || positionAt(span.source.text, span.start).line !== line;
  const place = elsewhere ? `on line ${line}, ` : '';
  const old = source.text.slice(start, end);
  if (replacement === '')
    return `${place}${old.trim() === '' ? 'leave out the space' : `leave out \`${printable(old)}\``}`;
  return `${place}${start === end ? 'insert' : 'replace with'}: \`${replacement}\``;
}

/** How a warning is allowed, where there is a text to say it in. */
function allowHelp({ severity, code, span }: Diagnostic): string | undefined {
  if (severity === 'error' || !span || span.source.library) return undefined;
  return `where it is meant, write \`// allow(${code})\` behind the line or above it`;
}

const code = (sequence: string) => (text: string) => `\u001b[${sequence}m${text}\u001b[0m`;
const same = (text: string) => text;
const colors = {
  ...{ error: code('1;31'), warning: code('1;33'), strong: code('1'), help: code('1;36') },
  ...{ gutter: code('1;34'), primary: code('1;31'), related: code('1;34') },
};
const plain = {
  ...{ error: same, warning: same, strong: same, help: same },
  ...{ gutter: same, primary: same, related: same },
};
