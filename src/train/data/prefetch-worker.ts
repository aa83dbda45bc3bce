// The thread that assembles batches ahead of the training step. It is started with the examples, in shared memory; each message
// is one epoch's order. It waits whenever all slots are full.
import { parentPort, workerData } from 'node:worker_threads';
import { Assembler } from './assembler.ts';
import { EpochOrder } from './batches.ts';
import {
  batchOptions,
  counters,
  type PrefetchAnswer,
  type PrefetchOrder,
  type PrefetchStart,
} from './prefetch-ring.ts';

const start = workerData as PrefetchStart;
const control = new Int32Array(start.control);
const assembler = new Assembler(start.split, start.assembly, start.memory);
const { slots } = start.assembly;

const answer = (message: PrefetchAnswer) => parentPort?.postMessage(message);

function assemble(order: PrefetchOrder): void {
  const epoch = new EpochOrder(start.split, batchOptions(start, order));
  for (let done = 0; order.start + done < order.end; done++) {
    for (;;) {
      if (Atomics.load(control, counters.cancelled) !== 0) return;
      const taken = Atomics.load(control, counters.taken);
      if (done - taken < slots) break;
      Atomics.wait(control, counters.taken, taken);
    }
    assembler.assemble(done % slots, epoch.examplesOf(order.start + done), epoch.augmentState);
    Atomics.store(control, counters.filled, done + 1);
    answer('filled');
  }
}

parentPort?.on('message', (order: PrefetchOrder) => {
  assemble(order);
  answer('ended');
});
