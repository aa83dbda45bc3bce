import { describe, expect, it } from 'vitest';
import type { StepReport } from '../../../src/train/loop/events.ts';
import { createProgress } from '../../../src/train/progress/progress.ts';
import {
  showBytes,
  showClock,
  showCount,
  showMany,
  showMetric,
  showNumber,
  showSeconds,
} from '../../../src/train/progress/text.ts';

const plan = {
  epochs: 2,
  stepsPerEpoch: 10,
  batch: 32,
  examples: { train: 320, validation: 64, test: 0 },
  from: { epoch: 0, batch: 0, step: 0 },
};

const stepReport = (step: number): StepReport => ({
  position: { epoch: Math.floor(step / 10), batch: step % 10, step },
  loss: 1 / step,
  meanLoss: 0.5,
  metrics: new Map(),
  samplesPerSecond: 64,
  secondsLeft: (20 - step) / 2,
});

const epochReport = {
  epoch: 1,
  step: 10,
  best: false,
  loss: 0.25,
  metrics: new Map([['accuracy', 0.9312]]),
  validation: { examples: 64, loss: 0.5, metrics: new Map([['accuracy', 0.9]]) },
  seconds: 5,
  samplesPerSecond: 12345.6,
};

const epochLine =
  'epoch 1/2  loss 0.2500  accuracy 93.12 %  validation: loss 0.5000, accuracy 90.00 %  12,346 samples/s  5.0 s\n';

function watch(columns: number | undefined) {
  const screen = { text: '', now: 0 };
  const progress = createProgress({
    write: (text) => void (screen.text += text),
    columns: () => columns,
    now: () => screen.now,
  });
  progress.started(plan);
  return { screen, progress };
}

describe('createProgress', () => {
  it('writes a line an epoch and nothing else where there is no terminal', () => {
    const { screen, progress } = watch(undefined);
    progress.stepped(stepReport(1));
    progress.evaluating('validation', 64, 64);
    expect(screen.text).toBe('');
    progress.epochEnded(epochReport);
    progress.close();
    expect(screen.text).toBe(epochLine);
  });

  it('shows how many files of a data set were read, and wipes it at the end', () => {
    const { screen, progress } = watch(80);
    progress.reading(1, 2);
    expect(screen.text).toBe('\r\u001b[2Kreading   █████░░░░░ 1 of 2 files');
    screen.text = '';
    progress.reading(2, 2);
    expect(screen.text).toMatch(/2 of 2 files\r\u001b\[2K$/);
  });

  it('says whose initial values are drawn, where that takes long, and wipes it before the first step', () => {
    const { screen, progress } = watch(80);
    progress.starting('gru_1.U', 1, 2);
    expect(screen.text).toBe('\r\u001b[2Kstarting  █████░░░░░ initial values of gru_1.U');
    screen.text = '';
    progress.started({ epochs: 2, stepsPerEpoch: 10 } as Parameters<typeof progress.started>[0]);
    expect(screen.text).toBe('\r\u001b[2K');
  });

  it('draws a bar over itself on a terminal', () => {
    const { screen, progress } = watch(80);
    progress.stepped(stepReport(5));
    expect(screen.text).toBe('\r\u001b[2Kepoch 1/2 █████░░░░░  50 %  loss 0.5000  64 samples/s  0:08 left');
    screen.text = '';
    progress.epochEnded(epochReport);
    expect(screen.text).toBe(`\r\u001b[2K${epochLine}`);
  });

  it('draws at most ten times a second, but every end of an epoch', () => {
    const { screen, progress } = watch(80);
    for (let step = 1; step <= 9; step++) {
      screen.now = 30 * step;
      progress.stepped(stepReport(step));
    }
    expect(screen.text.match(/epoch/g)).toHaveLength(3);
    progress.stepped(stepReport(10));
    expect(screen.text.split('\r').at(-1)).toContain('epoch 1/2 ██████████ 100 %');
  });

  it('never fills a line, however narrow', () => {
    for (const columns of [1, 8, 20, 40, 79]) {
      const { screen, progress } = watch(columns);
      progress.stepped(stepReport(3));
      expect(screen.text.replace('\r\u001b[2K', '').length).toBeLessThanOrEqual(Math.max(1, columns - 1));
    }
  });
});

describe('numbers for people', () => {
  it('are short and keep their meaning', () => {
    expect([12345.4, 7].map(showCount)).toEqual(['12,345', '7']);
    expect([0.25, 0, 123.456, 12345.678, 1e-7, 3e9, NaN].map(showNumber)).toEqual([
      '0.2500',
      '0.000',
      '123.5',
      '12345.7',
      '1.000e-7',
      '3.000e+9',
      'NaN',
    ]);
    expect([0.024, 4.21, 127, 3727].map(showSeconds)).toEqual(['24 ms', '4.2 s', '2:07', '1:02:07']);
    expect([showMany(1, 'epoch'), showMany(1200, 'step')]).toEqual(['1 epoch', '1,200 steps']);
    expect([0, 9.6, 3600].map(showClock)).toEqual(['0:00', '0:10', '1:00:00']);
    expect([999, 1000, 3_140_000, 2e9].map(showBytes)).toEqual(['999 B', '1.0 kB', '3.1 MB', '2.0 GB']);
    expect(showMetric('accuracy', 0.9761)).toBe('accuracy 97.61 %');
    expect(showMetric('mean_absolute_error', 0.5)).toBe('mean_absolute_error 0.5000');
    expect(showMetric('confusion', [1, 0, 0, 3])).toBe('confusion [1 0, 0 3]');
    expect(showMetric('errors', [0.5, 2])).toBe('errors [0.5000 2]');
    expect(
      showMetric(
        'confusion',
        Array.from({ length: 100 }, () => 1),
      ),
    ).toBe('confusion (100 numbers)');
  });
});
