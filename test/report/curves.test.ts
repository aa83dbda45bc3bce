import { describe, expect, it } from 'vitest';
import { RunCurves, type LineJson } from '../../src/report/page/curves.ts';
import { thinLines } from '../../src/report/thin-lines.ts';
import type { MetricLine, StepLine } from '../../src/train/logs/metric-lines.ts';

const lines: readonly LineJson[] = [
  { kind: 'start', step: 0, time: 100, epochs: 3, steps_per_epoch: 4 },
  { kind: 'step', step: 1, time: 101, loss: 4, metrics: { accuracy: 0.25 }, samples_per_second: 10 },
  { kind: 'step', step: 3, time: 102, loss: 2, metrics: { accuracy: null }, learning_rate: 0.1 },
  {
    kind: 'epoch',
    step: 4,
    time: 103,
    epoch: 1,
    loss: 3,
    metrics: { accuracy: 0.5, confusion: [1, 2, 3, 4] },
    validation: { loss: 2.5, metrics: { accuracy: 0.75 } },
  },
  { kind: 'test', step: 4, time: 104, result: { loss: 1, metrics: { accuracy: 0.9 } } },
];

const curvesOf = (given: readonly LineJson[]) => {
  const curves = new RunCurves();
  given.forEach((line) => curves.add(line));
  return curves;
};

describe('curves', () => {
  it('are of the loss, then of metrics that are numbers, then of rate and speed', () => {
    const curves = curvesOf(lines);
    expect(curves.names()).toEqual(['loss', 'accuracy', 'learning rate', 'samples a second']);
    expect([curves.step, curves.epoch, curves.epochs]).toEqual([4, 1, 3]);
    expect([...curves.test]).toEqual([
      ['loss', 1],
      ['accuracy', 0.9],
    ]);
    expect(curves.latest('loss', 'validation', 'steps')).toBe(2.5);
  });

  it('go over steps, epochs or seconds; a value that is no number is a gap', () => {
    const curves = curvesOf(lines);
    expect(curves.points('loss', 'steps', 'step', 0)).toEqual({ x: [1, 3], y: [4, 2] });
    expect(curves.points('loss', 'steps', 'epoch', 0).x).toEqual([0.25, 0.75]);
    expect(curves.points('loss', 'validation', 'time', 0)).toEqual({ x: [3], y: [2.5] });
    expect(curves.points('accuracy', 'steps', 'step', 0).y).toEqual([0.25, null]);
    expect(curves.points('nothing', 'steps', 'step', 0)).toEqual({ x: [], y: [] });
  });

  it('are smoothed without a bias towards zero', () => {
    const { y } = curvesOf(lines).points('loss', 'steps', 'step', 0.5);
    expect(y[0]).toBe(4);
    expect(y[1]).toBeCloseTo((0.25 * 4 + 0.5 * 2) / 0.75);
  });
});

describe('fewer lines', () => {
  const step = (at: number): StepLine => ({
    kind: 'step',
    step: at,
    epoch: 1,
    time: at,
    loss: at,
    metrics: new Map([['accuracy', at]]),
    samples_per_second: 1,
  });
  const all: MetricLine[] = [
    { kind: 'start', step: 0, time: 0, epochs: 1, steps_per_epoch: 100, batch: 1 },
    ...Array.from({ length: 100 }, (_, i) => step(i + 1)),
  ];

  it('are means of neighbors, and every other line as it was', () => {
    const thinned = thinLines(all, 10);
    expect(thinned).toHaveLength(11);
    expect(thinned[0]).toBe(all[0]);
    expect(thinned[1]).toMatchObject({ step: 10, loss: 5.5, metrics: new Map([['accuracy', 5.5]]) });
    expect(thinned.map((line) => line.step)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  });

  it('are all where they are few', () => {
    expect(thinLines(all, 100)).toBe(all);
  });
});
