// A thread that decodes image files into shared memory; each message is an order, and is answered.
import { parentPort, workerData } from 'node:worker_threads';
import { decodeOrder, type DecodeOrder, type DecodeStart } from './decode-files.ts';
import { decoder } from './picture-file.ts';

const start = workerData as DecodeStart;
const decode = decoder();

parentPort?.on('message', (order: DecodeOrder) => {
  void decode.then((ready) => parentPort?.postMessage(decodeOrder(order, start, ready)));
});
