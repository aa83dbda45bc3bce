// Prefetching: a separate thread assembles batches ahead of the training step, so that shuffling, augmentation and normalization are off
// the critical path. Its batches are bitwise equal to those of `batches`: every number depends only on seed, epoch and example.
import { Worker } from 'node:worker_threads';
import type { Arrays } from '../../../runtime/executable.ts';
import { batchMemory, batchSlots } from './assembler.ts';
import type { Split } from '../dataset.ts';
import {
  counters,
  fewLeft,
  type PrefetchAnswer,
  type PrefetchOrder,
  type PrefetchStart,
} from './prefetch-ring.ts';
import { shareSplit } from './shared-memory.ts';

/** Batches prefetched besides the current one. */
const slotsAhead = 4;

/** The thread's compiled code; Node 20 cannot run the TypeScript source. */
export const workerUrl: URL | undefined = import.meta.url.endsWith('.js')
  ? new URL('./prefetch-worker.js', import.meta.url)
  : undefined;

export interface PrefetchOptions {
  readonly batch: number;
  readonly seed: number;
}

export class Prefetcher {
  readonly #worker: Worker;
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * counters.count));
  readonly #slots: readonly Arrays[];
  #wake: () => void = () => undefined;
  /** Resolves when the previous order has ended. */
  #idle: Promise<void> = Promise.resolve();
  #ended: () => void = () => undefined;
  #failure: Error | undefined;
  /** Epochs started. */
  #epochs = 0;

  /** @param code the compiled prefetch-worker.ts */
  constructor(split: Split, { batch, seed }: PrefetchOptions, code: URL) {
    const assembly = { batch, slots: slotsAhead };
    const memory = batchMemory(split, assembly);
    this.#slots = batchSlots(split, assembly, memory);
    const start: PrefetchStart = {
      split: shareSplit(split),
      assembly,
      seed,
      control: this.#control.buffer,
      memory,
    };
    this.#worker = new Worker(code, { workerData: start });
    // An idle thread must not keep the process alive.
    this.#worker.unref();
    this.#worker.on('message', (answer: PrefetchAnswer) => {
      if (answer === 'ended') this.#ended();
      this.#wake();
    });
    this.#worker.on('error', (error: Error) => this.#fail(error));
    this.#worker.on('exit', (code) =>
      this.#fail(new Error(`the thread that assembles batches ended with ${code}`)),
    );
  }

  /**
   * The batches of an epoch from one up to, but not including, another. Starting an epoch ends the previous one; a batch's arrays are
   * overwritten once the next is requested.
   */
  async *batches(order: PrefetchOrder): AsyncGenerator<Arrays> {
    const epoch = ++this.#epochs;
    this.#cancel();
    await this.#until(() => this.#idle);
    this.#control.fill(0);
    this.#idle = new Promise((resolve) => (this.#ended = resolve));
    this.#worker.postMessage(order);
    try {
      for (let done = 0; order.start + done < order.end; done++) {
        while (!this.#isFilled(done)) {
          // set before the counters are read again: a batch written between is either seen or announced
          Atomics.store(this.#control, counters.waiting, 1);
          const announced = new Promise<void>((resolve) => (this.#wake = resolve));
          if (!this.#isFilled(done)) await this.#until(() => announced);
        }
        yield this.#slots[done % slotsAhead] ?? {};
        if (epoch !== this.#epochs) throw new Error('an epoch was gone on with after another had begun');
        Atomics.store(this.#control, counters.taken, done + 1);
        if (Atomics.load(this.#control, counters.filled) - done - 1 <= fewLeft(slotsAhead))
          Atomics.notify(this.#control, counters.taken);
      }
    } finally {
      if (epoch === this.#epochs) this.#cancel();
    }
  }

  #isFilled(batch: number): boolean {
    return Atomics.load(this.#control, counters.filled) > batch;
  }

  /** Cancels the current order; the batch being written is completed. */
  #cancel(): void {
    Atomics.store(this.#control, counters.cancelled, 1);
    Atomics.notify(this.#control, counters.taken);
  }

  async close(): Promise<void> {
    this.#worker.removeAllListeners('exit');
    await this.#worker.terminate();
  }

  /** Waits for the thread's answer, and keeps the process alive meanwhile. */
  async #until(answer: () => Promise<void>): Promise<void> {
    this.#throwFailure();
    this.#worker.ref();
    await answer();
    this.#worker.unref();
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#ended();
    this.#wake();
  }
}
