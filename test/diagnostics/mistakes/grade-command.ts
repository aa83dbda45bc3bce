// Grades the messages of a wrong command line: it is run, and so is what the help writes out instead.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nncHere } from '../../cli/program.ts';
import type { GradedMistake } from './grade-program.ts';
import { isExpected, isNamed, snippets, unmark, type Mistake, type Shown } from './grade.ts';

/** Of a shape that the loss does not take, so that a command line that is right comes to nothing further. */
const model = `model Digits {
  input  image: [784]
  target digit: class(10)
  net { Linear(9) }
  loss      CrossEntropy
  optimizer Adam(lr = 0.01)
  metrics   accuracy
  train { epochs = 5  batch = 64 }
}
`;

/** What the folder holds in which a command line is run. */
const files = {
  'digits.nn': model,
  'values.json': '{"inputs": {"image": []}}',
  'image.png': '',
};

/** Errors of a command line itself. What comes later, such as a model that was not trained, shows that the line was read. */
const ofTheLine =
  /error\[(option\.|command\.|argument\.|usage\.|file\.|override\.|name\.documented|form\.|target\.|derive\.unknown|layer\.unknown|monitor\.|run\.unknown|json\.)/;

/** Runs `nnc …` in a folder of its own. */
export async function stderrOf(line: string): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), 'nnc-mistake-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
    const [, ...words] = line.split(/\s+/);
    return (await nncHere(words, { cwd })).stderr;
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

export const isAccepted = async (line: string) => !ofTheLine.test(await stderrOf(line));

/** Where a mistake is said to be: the option of a value, the command of an option, `nnc` for a command; a file or a name is its own place. */
function placeOf(text: string, start: number, end: number): string {
  const before = text.slice(0, start).trim().split(/\s+/);
  const last = before.at(-1) ?? '';
  const isArgument = before.length > 1 && !last.startsWith('-') && text[start] !== '-';
  if (isArgument) return text.slice(start, end);
  if (text[start - 1] === '=') return last.replace(/=$/, '');
  return last.startsWith('-') ? last : before.slice(0, 2).join(' ');
}

export async function gradeCommand({ wrong, right }: Mistake): Promise<GradedMistake> {
  const { text, start, end } = unmark(wrong);
  const stderr = await stderrOf(text);
  const lines = stderr.split('\n');
  const errors = lines.filter((each) => ofTheLine.test(each));
  const [message] = errors;
  if (message === undefined) throw new Error(`no mistake: ${wrong}: ${stderr}`);
  const help = lines.slice(lines.indexOf(message) + 1).join(' ');
  const shown: Shown = { message, help, edit: '', placed: message.includes(placeOf(text, start, end)) };
  const marked = text.slice(start, end);
  let mended = false;
  for (const snippet of snippets(help)) {
    const line = /^nnc\b/.test(snippet) ? snippet : `${text.slice(0, start)}${snippet}${text.slice(end)}`;
    mended ||=
      line !== text && !line.includes('--help') && !/[A-Z]{3,}|…/.test(snippet) && (await isAccepted(line));
  }
  const grade = {
    named: isNamed(marked, shown),
    placed: shown.placed,
    expected: isExpected(text, right, shown),
    mended,
  };
  return { grade, messages: errors.length };
}
