import { describe, expect, it } from 'vitest';
import { dotChart, LossHistory, sparkline } from '../../../src/train/progress/chart.ts';
import { createProgress } from '../../../src/train/progress/progress.ts';

describe('the loss so far', () => {
  it('is kept in bounds, as means over all of it', () => {
    const history = new LossHistory();
    for (let step = 0; step < 100_000; step++) history.add(step);
    const values = history.values(4);
    expect(values).toHaveLength(4);
    values.forEach((value, i) => {
      expect(value).toBeGreaterThan(25_000 * i + 10_000);
      expect(value).toBeLessThan(25_000 * i + 15_000);
    });
    expect(history.values(10_000).length).toBeLessThanOrEqual(512);
  });

  it('is as many values as there are steps while these are few, and no NaN', () => {
    const history = new LossHistory();
    for (const loss of [3, NaN, 2, Infinity, 1]) history.add(loss);
    expect(history.values(16)).toEqual([3, 2, 1]);
    expect(new LossHistory().values(16)).toEqual([]);
  });

  it('is a line of blocks from the least to the greatest', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([5, 5])).toBe('▅▅');
    expect(sparkline([])).toBe('');
  });

  it('is a chart of dots without gaps', () => {
    // a fall over 8 dots in 4 characters: from the upper left to the lower right
    expect(dotChart([8, 1], 7, 2, String)).toBe('8 │⠑⢄\u2800\u2800\n1 │\u2800\u2800⠑⢄');
    const steep = dotChart([9, 9, 0, 0], 12, 2, String);
    const columnsOf = (line: string) => [...line.slice(3)].filter((cell) => cell !== '\u2800').length;
    const [upper = '', lower = ''] = steep.split('\n');
    expect(columnsOf(upper) + columnsOf(lower)).toBe(10);
    expect(dotChart([2, 2], 6, 1, String)).toContain('2 │');
  });
});

describe('progress on a wide terminal', () => {
  it('shows the loss so far beside the bar, and its chart at the end', () => {
    let screen = '';
    let now = 0;
    const progress = createProgress({
      write: (text) => void (screen += text),
      columns: () => 120,
      now: () => (now += 1000),
    });
    progress.started({
      epochs: 1,
      stepsPerEpoch: 20,
      batch: 1,
      examples: { train: 20, validation: 0, test: 0 },
      from: { epoch: 0, batch: 0, step: 0 },
    });
    for (let step = 1; step <= 20; step++)
      progress.stepped({
        position: { epoch: 0, batch: step, step },
        loss: 21 - step,
        meanLoss: 1,
        metrics: new Map([['accuracy', step / 20]]),
        samplesPerSecond: 1,
        secondsLeft: 20 - step,
      });
    const last = screen.split('\r').at(-1) ?? '';
    expect(last).toMatch(/loss 1\.000 {2}█[▁-█]{14}▁ {2}accuracy 100\.00 % {2}1 samples\/s {2}0:00 left$/);
    screen = '';
    progress.epochEnded({
      epoch: 1,
      step: 20,
      loss: 1,
      metrics: new Map(),
      best: false,
      seconds: 1,
      samplesPerSecond: 1,
    });
    expect(screen).toMatch(/\nloss of training, by step\n {0,1}20\.00 │/);
    expect(screen).toMatch(/1\.000 │[\u2800-\u28ff]+\n$/);
  });
});
