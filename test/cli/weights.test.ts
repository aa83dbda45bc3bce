import { describe, expect, it } from 'vitest';
import { describeWeights, showAge, weightsJson, type Weights } from '../../src/cli/weights.ts';
import type { RunFacts } from '../../src/run-folders/run-facts.ts';
import type { EpochReport } from '../../src/train/loop/events.ts';
import { noSums } from '../../src/train/loop/metrics.ts';
import type { Best } from '../../src/train/loop/monitor.ts';

const report = (epoch: number, loss: number, accuracy: number): EpochReport => ({
  ...{ epoch, step: 10 * epoch, loss, metrics: new Map(), best: false, seconds: 1, samplesPerSecond: 1 },
  validation: { examples: 5, loss: loss / 2, metrics: new Map([['accuracy', accuracy]]) },
});

const weights = (
  epoch: number,
  best: Best | null,
  history: readonly EpochReport[],
  name?: string,
): Weights => {
  const run: RunFacts = {
    ...{ id: 'points/a', model: 'points', time: 'a', path: 'runs/points/a', state: 'completed', faults: [] },
    ...{ label: name === undefined ? {} : { name }, config: undefined, record: undefined, saved: 0 },
  };
  return {
    checkpoint: {
      path: 'runs/points/a/checkpoint-best.safetensors',
      state: { metadata: new Map(), tensors: new Map() },
      ...{ model: 'Points', fingerprint: '' },
      training: {
        ...{ epoch, position: 0, best, data: '', settings: {}, preprocessing: null, sums: noSums, history },
      },
    },
    ...(name !== undefined && { run }),
    how: 'the best of 2 runs by validation_loss',
    saved: 1_000_000,
  };
};

const history = [report(1, 3, 0.5), report(2, 2, 0.75)];
const place = 'weights: runs/points/a/checkpoint-best.safetensors';

describe('the line that says whose weights they are', () => {
  it('has the checkpoint, its epoch, its metric, its age, and why it is this one', () => {
    const best = { metric: 'validation_accuracy', value: 0.75, epoch: 2 };
    expect(describeWeights(weights(2, best, history), 1_000_000 + 7_200_000)).toBe(
      `${place}, epoch 2, validation_accuracy 75.00 %, 2 hours ago; the best of 2 runs by validation_loss`,
    );
    expect(describeWeights(weights(2, best, history, 'a\u001b[31m'), 1_000_000)).toContain(
      'safetensors "a<U+001B>[31m", epoch 2',
    );
  });

  it('has the metric of that epoch, where another was the best', () => {
    const best = { metric: 'validation_loss', value: 0.1, epoch: 1 };
    expect(describeWeights(weights(2, best, history), 1_000_000)).toContain(
      'epoch 2, validation_loss 1.000, ',
    );
  });

  it('has the training loss where nothing was monitored, and says where nothing was trained', () => {
    expect(describeWeights(weights(2, null, history), 1_000_000)).toContain(
      'epoch 2, training loss 2.000, just now',
    );
    expect(describeWeights(weights(0, null, []), 1_000_000)).toContain(
      `${place}, before its first epoch, just now`,
    );
  });

  it('is the same as JSON', () => {
    const best = { metric: 'validation_loss', value: 1, epoch: 2 };
    expect(weightsJson(weights(2, best, history, 'wide'))).toEqual({
      ...{ run: 'points/a', name: 'wide', epoch: 2 },
      metric: { name: 'validation_loss', value: 1 },
      saved: '1970-01-01T00:16:40.000Z',
    });
    expect(weightsJson(weights(0, null, []))).toMatchObject({ run: null, name: null, metric: null });
  });
});

it.each([
  [-5, 'just now'],
  [59, 'just now'],
  [60, '1 minute ago'],
  [3_599, '59 minutes ago'],
  [7_300, '2 hours ago'],
  [86_400, '1 day ago'],
  [86_400 * 400, '400 days ago'],
])('%d seconds are %s', (seconds, text) => {
  expect(showAge(1000 * seconds)).toBe(text);
});
