// The page on data: every line it shows is taken, and it knows every source.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { compile } from '../../../src/compile.ts';
import type { DataSetting } from '../../../src/runtime/specification.ts';
import { sources } from '../../../src/train/data/sources/sources.ts';
import { loadOrDiagnose, real } from './files.ts';

const page = readFileSync(new URL('../../../grammar/data.md', import.meta.url), 'utf8');
const [, block = ''] = /```nn-data\n([^`]*)```/.exec(page) ?? [];
const lines = block.trim().split('\n');

function settingOf(line: string): DataSetting {
  const text = `model M { input x: [2] target y: [] net { Linear(1) Reshape([]) } loss MSE optimizer SGD data ${line} }`;
  const { specification } = compile({ path: 'm.nn', text, library: false }, {});
  if (!specification.data) throw new Error(line);
  return specification.data;
}

describe('the page on data', () => {
  it.each(lines)('shows %s, whose arguments are known', async (line) => {
    const folder = mkdtempSync(join(tmpdir(), 'nnc-page-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    // arguments come before files: what is wrong is that there are none
    const ports = { inputs: [real('x', [2]), real('z', [2])], targets: [real('y', [])] };
    const found = await loadOrDiagnose(settingOf(line), ports, { folder });
    expect('code' in found ? found.code : 'data.port').toMatch(/^data\.(file-missing|missing|port)$/);
  });

  it('names every source', () => {
    for (const name of sources.keys()) expect(page).toMatch(new RegExp(`\\| .*\`${name}[\`(]`));
  });
});
