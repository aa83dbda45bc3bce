// The batches a model is trained on, epoch after epoch: assembled by a thread of their own where that saves more than it costs,
// else between the steps. The batches are the same, to the bit.
import { availableParallelism } from 'node:os';
import type { Arrays } from '../../../runtime/executable.ts';
import { elementCount } from '../../../runtime/tensor.ts';
import { singleAssembler } from './assembler.ts';
import { batches } from './batches.ts';
import type { Split } from '../dataset.ts';
import { Prefetcher, workerUrl } from './prefetch.ts';

export interface TrainingBatchesOptions {
  readonly batch: number;
  readonly seed: number;
  /** Batches of an epoch; at most those that are full. */
  readonly stepsPerEpoch: number;
  /** The compiled code of the thread, or false for none; by default it is chosen. */
  readonly prefetch?: URL | false;
}

export interface TrainingBatches {
  /** The batches of an epoch (from 0) from the given one on. Each is overwritten by the next; one epoch at a time. */
  batches(epoch: number, from: number): Iterable<Arrays> | AsyncIterable<Arrays>;
  /** Ends the thread, where there is one. */
  close(): Promise<void>;
}

export function trainingBatches(split: Split, options: TrainingBatchesOptions): TrainingBatches {
  const { batch, seed, stepsPerEpoch } = options;
  const code = options.prefetch ?? (isWorthThread(split, batch) ? workerUrl : undefined);
  if (!code) {
    const assembler = singleAssembler(split, batch);
    return {
      batches: (epoch, start) => batches(split, { batch, shuffle: true, seed, epoch, start }, assembler),
      close: () => Promise.resolve(),
    };
  }
  const prefetcher = new Prefetcher(split, { batch, seed }, code);
  return {
    batches: (epoch, start) => prefetcher.batches({ epoch, start, end: stepsPerEpoch }),
    close: () => prefetcher.close(),
  };
}

/** Elements of a batch from which handing it over costs less than assembling it. */
const leastElements = 2 ** 14;

function isWorthThread(split: Split, batch: number): boolean {
  const elements = [...split.columns.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return availableParallelism() > 1 && batch * elements >= leastElements;
}
