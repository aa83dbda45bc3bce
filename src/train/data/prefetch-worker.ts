// The thread that assembles batches ahead of the training step. It is started with the examples, in shared memory; each message
// is one epoch's order. It waits whenever all slots are full.
import { parentPort, workerData } from 'node:worker_threads';
import { EpochOrder } from './batches.ts';
import { Gatherer } from './gather.ts';
import {
  batchOptions,
  counters,
  type PrefetchAnswer,
  type PrefetchOrder,
  type PrefetchStart,
} from './prefetch-ring.ts';

const start = workerData as PrefetchStart;
const control = new Int32Array(start.control);
const gatherer = new Gatherer(start.split, true);
const slots = Array.from({ length: start.slotCount }, (_, slot) =>
  gatherer.arraysFor(start.batch, start.slots, slot * start.batch * gatherer.exampleSize),
);

const answer = (message: PrefetchAnswer) => parentPort?.postMessage(message);

function assemble(order: PrefetchOrder): void {
  const epoch = new EpochOrder(start.split, batchOptions(start, order));
  for (let done = 0; order.start + done < order.end; done++) {
    for (;;) {
      if (Atomics.load(control, counters.cancelled) !== 0) return;
      const taken = Atomics.load(control, counters.taken);
      if (done - taken < start.slotCount) break;
      Atomics.wait(control, counters.taken, taken);
    }
    const arrays = slots[done % start.slotCount] ?? {};
    gatherer.gather(epoch.examplesOf(order.start + done), arrays, epoch.augmentState);
    Atomics.store(control, counters.filled, done + 1);
    answer('filled');
  }
}

parentPort?.on('message', (order: PrefetchOrder) => {
  assemble(order);
  answer('ended');
});
