// A thread that decodes picture files into memory that all share; each message is an order, and is answered.
import { parentPort, workerData } from 'node:worker_threads';
import { decodeOrder, type DecodeOrder, type DecodeStart } from './decode-files.ts';
import { decoder } from './picture-file.ts';

const start = workerData as DecodeStart;
const decode = decoder();

parentPort?.on('message', (order: DecodeOrder) => {
  void decode.then((ready) => parentPort?.postMessage(decodeOrder(order, start, ready)));
});
