// Wrong programs, each with the exact text that a user sees: test/fixtures/wrong/NAME.nn and NAME.txt beside it.
// With NNC_UPDATE_FIXTURES=1 the texts are written anew. Read every one that changed, as the user who made the mistake.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { languageCodes } from '../../src/diagnostics/codes-language.ts';
import { compile } from '../../src/compile.ts';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.ts';
import { renderDiagnostics } from '../../src/diagnostics/render.ts';

/** Relative to the repository's root, where tests run, so that the messages are the same everywhere. */
const folder = 'test/fixtures/wrong';
const update = process.env['NNC_UPDATE_FIXTURES'] === '1';
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.nn'))
  .map((file) => file.slice(0, -'.nn'.length));

/**
 * Not of a file by itself, or of one too large to be kept here (tests of overrides, imports and depth, test/cli/check-inverse.test.ts); `scan.shape` and
 * `shape.primitive` stand behind checks that come first.
 */
const shownElsewhere = [
  'call.depth',
  'import.limit',
  'inverse.none',
  'inverse.wrong',
  'model.too-large',
  'model.unknown',
  'override.unknown',
  'override.value',
  'scan.shape',
  'shape.primitive',
];

/** What the user sees. Anything but a DiagnosticError is thrown on: it is the compiler's own fault. */
function messagesOf(path: string): string {
  try {
    compile({ path, text: readFileSync(path, 'utf8'), library: false });
  } catch (thrown) {
    if (!(thrown instanceof DiagnosticError)) throw thrown;
    return `${renderDiagnostics(thrown.diagnostics, { color: false })}\n`;
  }
  return '';
}

describe('wrong programs', () => {
  test.each(names)('%s', (name) => {
    const messages = messagesOf(`${folder}/${name}.nn`);
    expect(messages, 'the program compiles').not.toBe('');
    const expected = `${folder}/${name}.txt`;
    if (update) writeFileSync(expected, messages);
    expect(messages).toBe(readFileSync(expected, 'utf8'));
  });

  test('there are as many as promised, and no text is left over', () => {
    expect(names.length).toBeGreaterThanOrEqual(60);
    const texts = readdirSync(folder).filter((file) => file.endsWith('.txt'));
    expect(texts.map((file) => file.slice(0, -'.txt'.length))).toEqual(names);
  });

  test('every error of the language is shown by one of them', () => {
    const texts = names.map((name) => readFileSync(`${folder}/${name}.txt`, 'utf8')).join('\n');
    const shown = (code: string) => texts.includes(`error[${code}]`);
    const missing = Object.keys(languageCodes).filter((code) => !shown(code));
    expect(missing.sort()).toEqual(shownElsewhere);
  });

  test('no message names a value that stands for an error', () => {
    const texts = names.map((name) => readFileSync(`${folder}/${name}.txt`, 'utf8'));
    expect(texts.filter((text) => /a value with an error|undefined|NaN|\[object/.test(text))).toEqual([]);
  });
});
