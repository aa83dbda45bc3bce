// The training batches, epoch by epoch: prefetched by a thread where that is faster, else assembled between steps. The batches are
// bitwise the same.
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
  /** Batches per epoch; at most the number of full ones. */
  readonly stepsPerEpoch: number;
  /** The compiled code of the prefetching thread, or false for none; chosen automatically by default. */
  readonly prefetch?: URL | false;
}

export interface TrainingBatches {
  /** The batches of an epoch (from 0), from the given one on. Each overwrites the previous; one epoch at a time. */
  batches(epoch: number, from: number): Iterable<Arrays> | AsyncIterable<Arrays>;
  /** Ends the thread, if any. */
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

/** The size of a batch in elements from which prefetching pays. */
const leastElements = 2 ** 14;

function isWorthThread(split: Split, batch: number): boolean {
  const elements = [...split.columns.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return availableParallelism() > 1 && batch * elements >= leastElements;
}
