// The script for bash, run by bash; those for zsh and fish are made from the same words.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacks } from '../support/facilities.ts';
import { nncHere } from './program.ts';

const tried = spawnSync('bash', ['--version'], { encoding: 'utf8' });
const lacksBash = lacks('posix', tried.error ? 'there is no bash' : undefined);

const folder = mkdtempSync(join(tmpdir(), 'nnc-completion-'));
const script = async (shell: string) =>
  (await nncHere(['completion', shell], { cwd: folder })).stdout.trimEnd();
beforeAll(async () => writeFileSync(join(folder, 'nnc.bash'), await script('bash')));
afterAll(() => rmSync(folder, { recursive: true }));

/** What bash offers at the end of these words, the last of which is being typed. */
function offers(...words: string[]): string[] {
  const { stdout, stderr } = spawnSync(
    'bash',
    [
      '-c',
      `source nnc.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _nnc; printf '%s\\n' "\${COMPREPLY[@]}"`,
      'bash',
      'nnc',
      ...words,
    ],
    { cwd: folder, encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  return stdout.split('\n').filter((word) => word !== '');
}

describe.skipIf(lacksBash)('bash', () => {
  it('completes commands, and the options of nnc', () => {
    expect(offers('tr')).toEqual(['train']);
    expect(offers('')).toEqual(
      expect.arrayContaining(['init', 'check', 'train', 'doctor', 'completion', 'help']),
    );
    expect(offers('--v')).toEqual(['--version']);
  });

  it('completes the options of a command', () => {
    expect(offers('train', '--over')).toEqual(['--overfit']);
    expect(offers('train', 'm.nn', '--set', 'lr=1', '--pa')).toEqual(['--patience']);
    expect(offers('check', '--over')).toEqual([]);
    expect(offers('doctor', '--')).toEqual(['--data-root', '--json', '--help']);
  });

  it('completes the values that there are, also behind an equals sign', () => {
    expect(offers('train', '--target', '')).toEqual(['wasm', 'native', 'gpujs', 'auto']);
    expect(offers('train', '--target', '=', 'na')).toEqual(['native']);
    expect(offers('train', '--target', '=')).toEqual(['wasm', 'native', 'gpujs', 'auto']);
    expect(offers('init', '--template', 't')).toEqual(['table']);
  });

  it('leaves files to bash, and offers none for other texts', () => {
    expect(offers('train', '--out', '')).toEqual([]);
    expect(offers('train', '')).toEqual([]);
    expect(offers('train', '--epochs', '')).toEqual([]);
  });

  it('completes arguments that are words, in their place', () => {
    expect(offers('data', 'i')).toEqual(['inspect']);
    expect(offers('data', '--separator', ';', 'g')).toEqual(['get']);
    expect(offers('data', 'inspect', 'i')).toEqual([]);
    expect(offers('completion', '')).toEqual(['bash', 'zsh', 'fish']);
    expect(offers('help', 'gradc')).toEqual(['gradcheck']);
  });
});

describe('every shell', () => {
  it.each(['bash', 'zsh', 'fish'])('%s knows every command and option', async (shell) => {
    const [text, { run }] = [await script(shell), await import('../../src/cli/main.ts')];
    expect(run).toBeDefined();
    for (const word of ['train', 'gradcheck', 'find-lr', 'checkpoint-every', 'headerless', 'webgpu'])
      expect(text).toContain(word);
    // nothing ends a quoted text early: quotes are escaped where they stand in descriptions
    if (shell === 'fish')
      for (const line of text.split('\n').slice(1))
        expect(line).toMatch(/^complete -c nnc(?: (?:[\w-]+|'(?:[^'\\]|\\.)*'))*$/);
    if (shell === 'zsh') expect((text.match(/'/g) ?? []).length % 2).toBe(0);
  });

  it('that is unknown is refused', async () => {
    const { code, stderr } = await nncHere(['completion', 'fsh'], { cwd: folder });
    expect([code, stderr]).toEqual([2, expect.stringContaining('Did you mean `fish`?')]);
  });
});
