// Trains once, then evaluates and predicts with what was kept.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { points, pointsCsv } from './points.ts';
import { folderWith, nnc } from './program.ts';

const cwd = mkdtempSync(join(tmpdir(), 'nnc-predict-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

interface Record {
  readonly checkpoint: string;
  readonly test: { readonly loss: number; readonly accuracy: number };
}
let trained: Record;

const cpu = ['--mode', 'cpu'];

beforeAll(async () => {
  writeFileSync(join(cwd, 'points.nn'), points);
  writeFileSync(join(cwd, 'points.csv'), pointsCsv());
  const { code, stdout, stderr } = await nnc(['train', ...cpu, '--validation', '0.2', '--json'], { cwd });
  expect([code, stderr.includes('error')]).toEqual([0, false]);
  trained = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record;
}, 120_000);

describe('nnc eval', () => {
  it('gives what training reported of the test part', async () => {
    const { code, stdout, stderr } = await nnc(
      ['eval', ...cpu, '--checkpoint', trained.checkpoint, '--json'],
      { cwd },
    );
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^weights: [^\n]+; as named\n$/)]);
    const found = JSON.parse(stdout) as {
      loss: number;
      metrics: { accuracy: number };
      examples: number;
      part: string;
    };
    expect([found.part, found.examples]).toEqual(['test', 50]);
    expect(found.loss).toBeCloseTo(trained.test.loss, 6);
    expect(found.metrics.accuracy).toBeCloseTo(trained.test.accuracy, 6);
  });

  it('says where there is no checkpoint, and which parts there are', async () => {
    const empty = folderWith({ 'points.nn': points, 'points.csv': pointsCsv() });
    const none = await nnc(['eval', ...cpu], { cwd: empty });
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('the model has not been trained: there is no checkpoint below runs/points');
  });
});

describe('nnc predict', () => {
  it('takes rows by the names of their columns, and gives classes with probabilities', async () => {
    const [head = '', ...rows] = pointsCsv().trimEnd().split('\n');
    writeFileSync(join(cwd, 'new.csv'), [head, ...rows.slice(0, 20)].join('\n'));
    const { code, stdout, stderr } = await nnc(['predict', 'points.nn', 'new.csv', ...cpu, '--json'], {
      cwd,
    });
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^weights: [^\n]+; the only complete run\n$/)]);
    const { predictions } = JSON.parse(stdout) as {
      predictions: { input: string; class: number; name?: string; top: { probability: number }[] }[];
    };
    expect(predictions).toHaveLength(20);
    expect(predictions[0]?.input).toBe('new.csv, line 2');
    const labels = rows.slice(0, 20).map((row) => row.split(',').at(-1));
    const right = predictions.filter((found, i) => (found.name ?? String(found.class)) === labels[i]).length;
    expect(right).toBeGreaterThanOrEqual(17);
    for (const { top } of predictions) {
      const sum = top.reduce((total, { probability }) => total + probability, 0);
      expect(sum).toBeGreaterThan(0.9);
      expect(sum).toBeLessThanOrEqual(1 + 1e-9);
    }
  });

  it('writes a table, and refuses what does not fit', async () => {
    const written = await nnc(
      ['predict', 'points.nn', 'new.csv', ...cpu, '--csv', '--out', 'out/answers.csv'],
      { cwd },
    );
    expect([written.code, written.stdout]).toEqual([0, '']);
    const lines = readFileSync(join(cwd, 'out/answers.csv'), 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(21);
    writeFileSync(join(cwd, 'bad.json'), '{"x": "?"}');
    const bad = await nnc(['predict', 'points.nn', 'bad.json', ...cpu], { cwd });
    expect(bad.code).toBe(2);
    expect(bad.stderr).toContain('error[data.example]: bad.json');
  });
});
