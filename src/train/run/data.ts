// Adapts a data set to the loop: shuffled full batches for training, parts in order for evaluation.
import { fail } from '../../diagnostics/diagnostic.ts';
import { batchCount, slice } from '../data/feed/batches.ts';
import type { Dataset, Split } from '../data/dataset.ts';
import { trainingBatches } from '../data/feed/training-batches.ts';
import type { ExampleSet } from '../loop/evaluation.ts';
import type { LoopData } from '../loop/loop.ts';

export interface LoopDataOptions {
  readonly batch: number;
  readonly seed: number;
  /** Maximum number of steps per epoch. */
  readonly limitBatches?: number;
  /** The compiled code of the prefetching thread, or false for none; chosen automatically by default. */
  readonly prefetch?: URL | false;
}

/** `close` ends the prefetching thread. */
export interface RunningData extends LoopData {
  close(): Promise<void>;
}

export function loopData(data: Dataset, options: LoopDataOptions): RunningData {
  const { batch, seed, limitBatches, prefetch } = options;
  const { train, validation, test } = data;
  const available = batchCount(train, { batch, shuffle: true });
  if (available === 0) fail('data.few', undefined, { source: data.name, count: train.count, batch });
  const stepsPerEpoch = Math.min(available, limitBatches ?? Infinity);
  const ahead = trainingBatches(train, {
    batch,
    seed,
    stepsPerEpoch,
    ...(prefetch !== undefined && { prefetch }),
  });
  return {
    stepsPerEpoch,
    trainExamples: train.count,
    batches: (epoch, start) => ahead.batches(epoch, start),
    close: () => ahead.close(),
    ...(validation && validation.count > 0 && { validation: exampleSet(validation) }),
    ...(test && test.count > 0 && { test: exampleSet(test) }),
  };
}

function exampleSet(split: Split): ExampleSet {
  return { count: split.count, slice: (start, end) => slice(split, start, end) };
}

/**
 * The data set of the first `count` training examples, without augmentation, used for all parts: a model that cannot overfit these has a
 * defect.
 * @throws DiagnosticError when there are fewer
 */
export function fewExamples(data: Dataset, count: number): Dataset {
  const { train } = data;
  if (count > train.count)
    fail('data.overfit', undefined, { source: data.name, count: train.count, wanted: count });
  const rows = Uint32Array.from({ length: count }, (_, i) => train.rows?.[i] ?? i);
  const few: Split = { ...train, count, rows, augmentations: [] };
  return {
    ...data,
    train: few,
    validation: few,
    test: few,
    description: `${data.description}; of these ${count} are trained on, validated and tested`,
    fingerprint: `${data.fingerprint}-${count}`,
    ...(data.series && { series: { form: data.series.form, train: data.series.train } }),
  };
}

/** The bytes of a data set's examples. */
export function dataBytes({ train, validation, test }: Dataset): number {
  const arrays = [train, validation, test].flatMap((split) => [
    ...(split?.rows ? [split.rows] : []),
    ...[...(split?.columns.values() ?? [])].map((column) =>
      column.kind === 'one-hot' ? column.labels : column.data,
    ),
  ]);
  // the parts of one source share their columns
  return [...new Set(arrays)].reduce((sum, { byteLength }) => sum + byteLength, 0);
}
