// Grades the messages of wrong data: what the `data` line says of it, and what the file holds.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from '../../../src/compile.ts';
import { DiagnosticError } from '../../../src/diagnostics/diagnostic.ts';
import { diagnosticText } from '../../../src/diagnostics/message.ts';
import { loadData } from '../../../src/train/data/load-data.ts';
import type { GradedMistake } from './grade-program.ts';
import { isExpected, isNamed, snippets, unmark, type Mistake, type Shown } from './grade.ts';

/** A mistake in the `.nn` file or, behind a line of dashes, in the table trees.csv. */
const divider = '\n---\n';

/** The messages that this model and this table get. */
export async function problemsOf(
  text: string,
): Promise<readonly { readonly message: string; readonly help: string }[]> {
  const [program = '', table = ''] = text.split(divider);
  const folder = mkdtempSync(join(tmpdir(), 'nnc-mistake-'));
  try {
    writeFileSync(join(folder, 'trees.csv'), table);
    const { specification } = compile(
      { path: 'trees.nn', text: program, library: false },
      { programs: ['evaluate'] },
    );
    const { data } = specification;
    if (!data) throw new Error('the model has no data');
    await loadData(data, specification, { folder });
  } catch (thrown) {
    if (!(thrown instanceof DiagnosticError)) throw thrown;
    return thrown.diagnostics.map((found) => {
      const { message, help = '' } = diagnosticText(found);
      return { message: message.replaceAll(`${folder}/`, ''), help: help.replaceAll(`${folder}/`, '') };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return [];
}

export const isRead = async (text: string) => (await problemsOf(text)).length === 0;

/** The file and the line of a cell; of an argument, the data set that it is given to. */
function placeOf(text: string, start: number): string {
  const table = text.indexOf(divider) + divider.length;
  if (start >= table) return `trees.csv, line ${text.slice(table, start).split('\n').length}`;
  return /data\s+(\w+)/.exec(text)?.[1] ?? '';
}

/** Several faults of a table are one message, with the lines of each. */
function isPlaced(message: string, text: string, start: number): boolean {
  const [file = '', line] = placeOf(text, start).split(', line ');
  return (
    message.includes(file) &&
    (line === undefined || new RegExp(`\\blines? (?:\\d+(?:, | and ))*${line}\\b`).test(message))
  );
}

/** The places at which a written mend may belong: that of the mistake, its line, and the arguments of the `data` line. */
function placesFor(text: string, start: number, end: number): readonly (readonly [number, number, string])[] {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = (text + '\n').indexOf('\n', end);
  const behind =
    text.indexOf(')', text.indexOf('data ')) < 0 ? lineEnd : text.indexOf(')\n', text.indexOf('data '));
  const input = /input .*/.exec(text);
  return [
    [start, end, ''],
    [lineStart, lineEnd, ''],
    [behind, behind, ', '],
    ...(input ? [[input.index, input.index + input[0].length, ''] as const] : []),
  ];
}

export async function gradeData({ wrong, right }: Mistake): Promise<GradedMistake> {
  const { text, start, end } = unmark(wrong);
  const problems = await problemsOf(text);
  const [problem] = problems;
  if (!problem) throw new Error(`no mistake: ${wrong}`);
  const { message, help } = problem;
  const shown: Shown = { message, help, edit: '', placed: isPlaced(message, text, start) };
  let mended = false;
  for (const snippet of snippets(`${message} ${help}`))
    for (const [from, to, before] of placesFor(text, start, end)) {
      const changed = text.slice(0, from) + before + snippet + text.slice(to);
      mended ||= changed !== text && (await isRead(changed).catch(() => false));
    }
  const grade = {
    named: isNamed(text.slice(start, end), shown),
    placed: shown.placed,
    expected: isExpected(text, right, shown),
    mended,
  };
  return { grade, messages: problems.length };
}
