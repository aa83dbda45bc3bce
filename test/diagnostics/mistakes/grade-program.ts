// Grades the messages of a wrong program. Edits are applied, and so is what the help writes out; what comes of it must compile.
import { compile } from '../../../src/compile.ts';
import { DiagnosticError, type Diagnostic, type Edit } from '../../../src/diagnostics/diagnostic.ts';
import { diagnosticText } from '../../../src/diagnostics/message.ts';
import type { Source } from '../../../src/diagnostics/source.ts';
import { isExpected, isNamed, snippets, unmark, type Grade, type Mistake, type Shown } from './grade.ts';

/** How often edits are applied anew: one may uncover another. */
const rounds = 6;

export function errorsOf(text: string): readonly Diagnostic[] {
  const source: Source = { path: 'mistake.nn', text, library: false };
  try {
    compile(source, { programs: ['evaluate', 'step'] });
  } catch (thrown) {
    if (thrown instanceof DiagnosticError) return thrown.diagnostics;
    throw thrown;
  }
  return [];
}

const compiles = (text: string) => errorsOf(text).length === 0;

/** The text with the edits of its messages, as far as they do not overlap. */
export function withEdits(text: string, edits: readonly Edit[]): string {
  const inOrder = [...edits].sort((left, right) => left.span.start - right.span.start);
  let mended = '';
  let done = 0;
  for (const { span, replacement } of inOrder) {
    if (span.start < done) continue;
    mended += text.slice(done, span.start) + replacement;
    done = span.end;
  }
  return mended + text.slice(done);
}

/** What the edits make of a text, one round after another. */
export function afterEdits(text: string): string {
  let mended = text;
  for (let round = 0; round < rounds; round++) {
    const edits = errorsOf(mended).flatMap(({ edit }) => (edit ? [edit] : []));
    if (edits.length === 0) break;
    mended = withEdits(mended, edits);
  }
  return mended;
}

/** Whether the edits, or something that the help writes out, put in the place of the mistake, of its line or behind it, make it compile. */
function isMended(text: string, start: number, end: number, help: string): boolean {
  const edited = afterEdits(text);
  if (edited !== text && compiles(edited)) return true;
  const line = { start: text.lastIndexOf('\n', start - 1) + 1, end: (text + '\n').indexOf('\n', end) };
  const places = [{ start, end }, line, { start: line.end, end: line.end }];
  return snippets(help).some((snippet) =>
    places.some((place) =>
      compiles(`${text.slice(0, place.start)}\n${snippet}\n${text.slice(place.end)}`.replace(/\n\n/g, '\n')),
    ),
  );
}

function shown(found: Diagnostic, start: number, end: number): Shown {
  const { message, help = '' } = diagnosticText(found);
  const { span, edit } = found;
  const within = span !== undefined && start <= span.start && span.end <= end;
  const covers = span !== undefined && span.start <= start && end <= span.end;
  const lines = span?.source.text.slice(span.start, span.end).trimEnd().split('\n').length ?? 0;
  return { message, help, edit: edit?.replacement ?? '', placed: within || (covers && lines === 1) };
}

export interface GradedMistake {
  readonly grade: Grade;
  /** How many messages there are. */
  readonly messages: number;
}

export function gradeProgram({ wrong, right }: Mistake): GradedMistake {
  const { text, start, end } = unmark(wrong);
  const errors = errorsOf(text);
  const marked = text.slice(start, end);
  const all = errors.map((found) => shown(found, start, end));
  const one =
    all.find((each) => each.placed && isNamed(marked, each)) ?? all.find((each) => each.placed) ?? all[0];
  if (!one) throw new Error(`no mistake: ${wrong}`);
  const grade: Grade = {
    named: isNamed(marked, one),
    placed: one.placed,
    expected: isExpected(text, right, one),
    mended: isMended(text, start, end, all.map(({ help }) => help).join(' ')),
  };
  return { grade, messages: errors.length };
}
