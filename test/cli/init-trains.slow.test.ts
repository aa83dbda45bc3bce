// What `nnc init` writes trains to a sensible result.
import { describe, expect, it } from 'vitest';
import { folderWith, nnc } from './program.ts';

interface Trained {
  readonly test: { readonly [metric: string]: number };
}

async function testMetric(
  words: readonly string[],
  file: string,
  metric: string,
  cwd: string,
): Promise<number> {
  const written = await nnc(['init', ...words], { cwd });
  expect([written.code, written.stdout]).toEqual([0, expect.stringContaining(`nnc train ${file}`)]);
  const { code, stdout, stderr } = await nnc(['train', file, '--json', '--no-report'], { cwd });
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  const record = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Trained;
  return record.test[metric] ?? NaN;
}

describe('a model from nnc init', () => {
  it('learns classes from a table', { timeout: 120_000 }, async () => {
    const cwd = folderWith({});
    expect(await testMetric(['--template', 'table'], 'fruit.nn', 'accuracy', cwd)).toBeGreaterThan(0.9);
  });

  it('learns a number from a table', { timeout: 120_000 }, async () => {
    const rows = Array.from({ length: 200 }, (_, i) => {
      const [a, b] = [(i % 20) / 10, Math.floor(i / 20) / 5];
      return `${a},${b},${(a * b - Math.sin(3 * a)).toFixed(4)}`;
    });
    const cwd = folderWith({ 't.csv': `a,b,y\n${rows.join('\n')}\n` });
    expect(await testMetric(['t.csv'], 't.nn', 'r2', cwd)).toBeGreaterThan(0.9);
  });

  it('learns to tell pictures apart', { timeout: 120_000 }, async () => {
    const cwd = folderWith({});
    expect(await testMetric(['--template', 'images'], 'shapes.nn', 'accuracy', cwd)).toBeGreaterThan(0.85);
  });
});
