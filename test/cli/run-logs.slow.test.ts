// What a real run keeps to be looked at, and what a resumed one makes of it.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseMetrics } from '../../src/train/logs/metrics-file.ts';
import { points, pointsCsv } from './points.ts';
import { folderWith, nnc, nncHere } from './program.ts';

it(
  'a run is logged, reported and listed; resumed, it goes on where its checkpoint was',
  { timeout: 240_000 },
  async () => {
    const cwd = folderWith({ 'points.nn': points, 'points.csv': pointsCsv() });
    const train = async (...words: readonly string[]) => {
      const { code, stderr } = await nnc(['train', '--validation', '0.2', ...words], { cwd });
      expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    };
    await train('--epochs', '2');
    const [time = ''] = readdirSync(join(cwd, 'runs/points'));
    const folder = join(cwd, 'runs/points', time);
    const read = () => parseMetrics(readFileSync(join(folder, 'metrics.jsonl'), 'utf8'));

    const first = read();
    expect(first.damaged).toBe(0);
    expect(first.lines.map(({ kind }) => kind)).toContain('step');
    const [epoch] = first.lines.filter((line) => line.kind === 'epoch');
    expect(epoch).toMatchObject({ epoch: 1, step: 7, learning_rate: 0.1 });
    expect(epoch?.validation?.examples).toBe(30);
    expect([...(epoch?.metrics.keys() ?? [])]).toEqual(['accuracy']);
    const events = readdirSync(join(folder, 'tensorboard')).sort();
    expect(events).toEqual(['test', 'train', 'validation']);

    const report = readFileSync(join(folder, 'report.html'), 'utf8');
    expect(report).toContain('Confusion matrix');
    expect(report).toContain('All 2 epochs as a table');
    expect(report).toContain('data:image/svg+xml;base64,');
    expect(report.length).toBeLessThan(1_000_000);

    // what a killed run may have logged behind its checkpoint is not part of what goes on from there
    const late = first.lines.flatMap((line) =>
      line.kind === 'step' ? [{ ...line, step: 1000, metrics: {} }] : [],
    );
    const path = join(folder, 'metrics.jsonl');
    writeFileSync(path, `${readFileSync(path, 'utf8')}${JSON.stringify(late[0])}\n{"kind":"st`);
    await train('--epochs', '3', '--resume', '--no-report');
    const { lines, damaged } = read();
    expect(damaged).toBe(0);
    expect(lines.flatMap((line) => (line.kind === 'epoch' ? [line.epoch] : []))).toEqual([1, 2, 3]);
    const steps = lines.flatMap((line) => (line.kind === 'step' ? [line.step] : []));
    expect(new Set(steps).size).toBe(steps.length);
    expect(Math.max(...steps)).toBeLessThanOrEqual(21);
    expect(lines.filter(({ kind }) => kind === 'start').map(({ step }) => step)).toEqual([0, 14]);
    expect(lines.filter(({ kind }) => kind === 'test')).toHaveLength(1);
    expect(readdirSync(join(folder, 'tensorboard/train'))).toHaveLength(2);
    expect(existsSync(join(folder, 'report.html'))).toBe(true);

    const { stdout } = await nncHere(['runs', '--json'], { cwd });
    const { runs } = JSON.parse(stdout) as { runs: unknown };
    expect(runs).toMatchObject([
      { model: 'points', state: 'completed', epochs: 3, plannedEpochs: 3, steps: 21 },
    ]);
  },
);
