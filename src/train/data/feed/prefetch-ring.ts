// The shared state of the thread that assembles batches (producer) and the one that trains (consumer): a ring of batch slots, and
// counters. Invariant: the producer writes a slot only while it is neither filled nor used by the consumer.
import type { AssemblyOptions } from './assembler.ts';
import type { BatchOptions } from './batches.ts';
import type { Split } from '../dataset.ts';

/** The start message of a producer; all memory in it is shared. */
export interface PrefetchStart {
  readonly split: Split;
  readonly assembly: AssemblyOptions;
  readonly seed: number;
  readonly control: SharedArrayBuffer;
  /** The memory of the batches. */
  readonly memory: WebAssembly.Memory;
}

/** Requests the batches of an epoch, from one up to, but not including, another. */
export interface PrefetchOrder {
  readonly epoch: number;
  readonly start: number;
  readonly end: number;
}

/** `filled`: read the counters again; `ended`: nothing more is written for this order. */
export type PrefetchAnswer = 'filled' | 'ended';

/**
 * The producer is woken once only this many batches are left, so that it assembles several at a time: a wake-up per batch would cost as
 * much as a small batch.
 */
export function fewLeft(slots: number): number {
  return slots >> 1;
}

/** Indices of the counters, which count per order. */
export const counters = {
  /** Batches written. */
  filled: 0,
  /** Batches that the consumer has released. */
  taken: 1,
  /** Not zero if the rest of the order is cancelled. */
  cancelled: 2,
  /** Not zero while the consumer waits for a batch. */
  waiting: 3,
  count: 4,
} as const;

export function batchOptions(start: PrefetchStart, order: PrefetchOrder): BatchOptions {
  return {
    batch: start.assembly.batch,
    shuffle: true,
    seed: start.seed,
    epoch: order.epoch,
    start: order.start,
  };
}
