// Names that others chose (of files, columns and classes) reach no terminal raw, whatever the command prints.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nnc, nncHere } from './program.ts';

/** A colour, a bell, a line's beginning, and an end of what is read from right to left. */
const hostile = '\u001b[31m\u0007\r\u202e';
const written = '\\u{1b}[31m\\u{7}\\u{d}\\u{202e}';
const raw = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/u;

const model = `ev${hostile}il.nn`;
const classes = `k${hostile}.nn`;
const files = {
  [model]: `model M {
  input x: [2]
  target t: [1]
  net { Linear(2) ReLU Linear(1) }
  loss MSE
  optimizer SGD
  metrics r2
  data csv("d${written}.csv", target = "price${written}", test = 0.3)
  train { epochs = 1  batch = 2  seed = 1 }
}`,
  [`d${hostile}.csv`]: `a,b${hostile.replace('\r', '')},"price${hostile}"\n${Array.from({ length: 20 }, (_, i) => `${i},${i % 7},${i % 3}`).join('\n')}\n`,
  [classes]: `model K {
  input x: [2]
  target k: class(2)
  net { Linear(2) }
  loss CrossEntropy
  optimizer SGD
  metrics accuracy, confusion_matrix
  data csv("k.csv", target = "k", test = 0.3)
  train { epochs = 1  batch = 2  seed = 1 }
}`,
  'k.csv': `a,b,k\n${Array.from({ length: 20 }, (_, i) => `${i},${i % 7},"${i % 2 ? `cat${hostile.replace('\r', '')}` : 'dog'}"`).join('\n')}\n`,
  [`v${hostile}.json`]: JSON.stringify({ inputs: { x: [[1, 2]], [`q${hostile}`]: [1] } }),
};

const folder = mkdtempSync(join(tmpdir(), 'nnc-names-'));
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
afterAll(() => rmSync(folder, { recursive: true }));

async function lines(args: readonly string[], code: number): Promise<void> {
  // What loads a compiled model runs in a process of its own.
  const loads = !['check', 'summary', 'compile', 'graph', 'fmt', 'data', 'runs'].includes(args[0] ?? '');
  const found = await (loads ? nnc : nncHere)([...args], { cwd: folder });
  for (const line of `${found.stdout}\n${found.stderr}`.split('\n'))
    expect(raw.test(line), `${JSON.stringify(args)} prints ${JSON.stringify(line)}`).toBe(false);
  expect(found.code, found.stderr).toBe(code);
}

describe('names with control and bidirectional characters', () => {
  it.each([
    [['check', model], 0],
    [['check', `no${hostile}.nn`], 2],
    [['summary', model], 0],
    [['summary', model, '--json'], 0],
    [['compile', model, '--emit', 'ast'], 0],
    [['compile', model, '--emit', 'graph'], 0],
    [['compile', model, '--emit', 'kernels'], 0],
    [['compile', model, '--out', `out${hostile}/`], 0],
    [['graph', model], 0],
    [['fmt', '--check', model], 2],
    [['grad', model, `v${hostile}.json`], 2],
    [['data', model], 2],
    [['bench', model, '--target', 'wasm'], 0],
    [['train', model, '--target', 'wasm', '--dry-run'], 0],
    [['train', model, '--target', 'wasm', '--dry-run', '--json'], 0],
    [['train', model, '--target', 'wasm', '--find-lr'], 0],
    [['train', model, '--set', `q${hostile}=3`], 2],
  ] as const)('%j', (args, code) => lines(args, code), 60_000);

  it('are shown by their codes', async () => {
    const { stdout } = await nncHere(['summary', model], { cwd: folder });
    expect(stdout).toContain('M (ev<U+001B>[31m<U+0007><U+000D><U+202E>il.nn)');
    const json = await nncHere(['summary', model, '--json'], { cwd: folder });
    expect(JSON.parse(json.stdout)).toMatchObject({ source: model });
  });

  it('of what was trained', async () => {
    for (const file of [model, classes]) {
      await lines(['train', file, '--target', 'wasm'], 0);
      await lines(['eval', file], 0);
      await lines(['eval', file, '--json'], 0);
      await lines(['predict', file, file === model ? `d${hostile}.csv` : 'k.csv'], 0);
      await lines(['export', file, '--format', 'safetensors'], 0);
    }
    await lines(['predict', classes, 'k.csv', '--json'], 0);
    await lines(['runs'], 0);
    await lines(['runs', '--json'], 0);
    expect(readdirSync(join(folder, 'runs'))).toHaveLength(2);
  }, 120_000);
});
