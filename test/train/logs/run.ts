// What a run's logs are given, made small.
import type { RunContext } from '../../../src/train/run/context.ts';
import type { EpochReport, StepReport } from '../../../src/train/loop/events.ts';
import type { ModelSpecification } from '../../../src/runtime/specification.ts';
import type { Split } from '../../../src/train/data/dataset.ts';

export const specification: ModelSpecification = {
  format: 1,
  name: 'Digits',
  source: 'digits.nn',
  target: 'none',
  batch: 4,
  inputs: [{ name: 'image', shape: [4], kind: 'real' }],
  targets: [{ name: 'digit', shape: [], kind: 'class', limit: 3 }],
  outputs: [{ name: 'output', shape: [3] }],
  metrics: [{ name: 'accuracy', shape: [] }],
  stored: [],
  programs: ['step'],
  train: { epochs: 1, batch: 4, seed: 1, validation: 0 },
  memory: { parameters: 12, gradients: 12, states: 0, activations: 48, padding: 0, scratch: 0, page: 1 },
  fingerprint: '',
};

const split = (count: number): Split => ({ count, columns: new Map(), augmentations: [] });

/** A run that nothing is evaluated in: its model is none. */
export function runContext(folder: string, step = 0): RunContext {
  return {
    folder,
    specification,
    settings: { epochs: 1, batch: 4, seed: 1, validation: 0.5 },
    mode: 'none',
    dataset: {
      name: 'made',
      train: split(8),
      validation: split(4),
      test: split(4),
      description: 'made',
      fingerprint: '',
      normalization: new Map(),
      scales: new Map(),
      warnings: [],
    },
    model: {} as RunContext['model'],
    from: { epoch: 0, batch: step, step },
    begun: new Date(0),
  } as unknown as RunContext;
}

export function stepReport(step: number, given: { batch: number; loss: number; epoch?: number }): StepReport {
  return {
    position: { epoch: given.epoch ?? 0, batch: given.batch, step },
    loss: given.loss,
    meanLoss: given.loss,
    metrics: new Map<string, number | readonly number[]>([
      ['accuracy', 0.5],
      ['confusion', [1, 0, 0, 1]],
    ]),
    learningRate: 0.1,
    samplesPerSecond: 100,
    secondsLeft: 1,
  };
}

export function epochReport(epoch: number, step: number): EpochReport {
  return {
    epoch,
    step,
    loss: 1.5,
    metrics: new Map([['accuracy', 0.5]]),
    validation: { examples: 4, loss: 1.25, metrics: new Map([['accuracy', 0.75]]) },
    learningRate: 0.1,
    best: true,
    seconds: 2,
    samplesPerSecond: 100,
  };
}
