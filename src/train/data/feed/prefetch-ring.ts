// What the thread that assembles batches and the one that trains share: slots for batches, filled in turn, and counters.
// Invariant: a slot is written by the assembling thread only while it is neither filled nor in the trainer's hands.
import type { AssemblyOptions } from './assembler.ts';
import type { BatchOptions } from './batches.ts';
import type { Split } from '../dataset.ts';

/** What a thread that assembles batches is started with; all memory in it is shared. */
export interface PrefetchStart {
  readonly split: Split;
  readonly assembly: AssemblyOptions;
  readonly seed: number;
  readonly control: SharedArrayBuffer;
  /** Of the batches. */
  readonly memory: WebAssembly.Memory;
}

/** Asks for the batches of an epoch, from one up to, but not including, another. */
export interface PrefetchOrder {
  readonly epoch: number;
  readonly start: number;
  readonly end: number;
}

/** `filled`: look at the counters again; `ended`: nothing of the order is written any more. */
export type PrefetchAnswer = 'filled' | 'ended';

/**
 * How many batches may be left before the assembling thread is woken: it does several at a time, for to wake it for each would
 * cost as much as a small batch.
 */
export function fewLeft(slots: number): number {
  return slots >> 1;
}

/** Places of the counters, all of one order. */
export const counters = {
  /** Batches that were written. */
  filled: 0,
  /** Batches that the trainer is done with. */
  taken: 1,
  /** Not zero when the rest is not wanted. */
  cancelled: 2,
  /** Not zero when the trainer waits to be told of a batch. */
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
