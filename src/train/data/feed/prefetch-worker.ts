// The producer thread, which assembles batches ahead of the training step. It starts with the examples in shared memory; each message
// orders one epoch. It blocks while all slots are full.
import { parentPort, workerData } from 'node:worker_threads';
import { Assembler } from './assembler.ts';
import { EpochOrder } from './batches.ts';
import {
  batchOptions,
  counters,
  fewLeft,
  type PrefetchAnswer,
  type PrefetchOrder,
  type PrefetchStart,
} from './prefetch-ring.ts';

const start = workerData as PrefetchStart;
const control = new Int32Array(start.control);
const assembler = new Assembler(start.split, start.assembly, start.memory);
const { slots } = start.assembly;

const answer = (message: PrefetchAnswer) => parentPort?.postMessage(message);

/** False if the order is cancelled. @param done batches written */
function waitForSlot(done: number): boolean {
  let most = slots - 1;
  for (;;) {
    if (Atomics.load(control, counters.cancelled) !== 0) return false;
    const taken = Atomics.load(control, counters.taken);
    if (done - taken <= most) return true;
    most = fewLeft(slots);
    Atomics.wait(control, counters.taken, taken);
  }
}

function assemble(order: PrefetchOrder): void {
  const epoch = new EpochOrder(start.split, batchOptions(start, order));
  for (let done = 0; order.start + done < order.end; done++) {
    if (!waitForSlot(done)) return;
    assembler.assemble(done % slots, epoch.examplesOf(order.start + done), epoch.augmentState);
    Atomics.store(control, counters.filled, done + 1);
    if (Atomics.exchange(control, counters.waiting, 0) !== 0) answer('filled');
  }
}

parentPort?.on('message', (order: PrefetchOrder) => {
  assemble(order);
  answer('ended');
});
