// Wrong programs, each with the exact text that a user sees: test/fixtures/wrong/NAME.nn and NAME.txt beside it.
// With NNC_UPDATE_FIXTURES=1 the texts are written anew. Read every one that changed, as the user who made the mistake.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../src/compile.ts';
import { DiagnosticError } from '../../../src/diagnostics/diagnostic.ts';
import { renderDiagnostics } from '../../../src/diagnostics/render.ts';

/** Relative to the repository's root, where tests run, so that the messages are the same everywhere. */
const folder = 'test/fixtures/wrong';
const update = process.env['NNC_UPDATE_FIXTURES'] === '1';
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.nn'))
  .map((file) => file.slice(0, -'.nn'.length));

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

  test('no message names a value that stands for an error', () => {
    const texts = names.map((name) => readFileSync(`${folder}/${name}.txt`, 'utf8'));
    expect(texts.filter((text) => /a value with an error|undefined|NaN|\[object/.test(text))).toEqual([]);
  });
});
