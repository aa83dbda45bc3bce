// A data set as the loop takes it: shuffled full batches to train on, parts in order to evaluate.
import { fail } from '../diagnostics/diagnostic.ts';
import { batchCount, batches, slice } from './data/batches.ts';
import type { Dataset, Split } from './data/dataset.ts';
import type { ExampleSet } from './loop-evaluation.ts';
import type { LoopData } from './loop.ts';

export interface LoopDataOptions {
  readonly batch: number;
  readonly seed: number;
  /** Steps of an epoch, at most. */
  readonly limitBatches?: number;
}

export function loopData(data: Dataset, { batch, seed, limitBatches }: LoopDataOptions): LoopData {
  const { train, validation, test } = data;
  const available = batchCount(train, { batch, shuffle: true });
  if (available === 0) fail('data.few', undefined, { source: data.name, count: train.count, batch });
  const stepsPerEpoch = Math.min(available, limitBatches ?? Infinity);
  return {
    stepsPerEpoch,
    trainExamples: train.count,
    batches: (epoch, start) => batches(train, { batch, shuffle: true, seed, epoch, start }),
    ...(validation && validation.count > 0 && { validation: exampleSet(validation) }),
    ...(test && test.count > 0 && { test: exampleSet(test) }),
  };
}

function exampleSet(split: Split): ExampleSet {
  return { count: split.count, slice: (start, end) => slice(split, start, end) };
}
