// jax-js runs its wasm kernels on Web Workers, of which Node has none: here they are, made of Node's own worker threads, before
// jax-js is loaded. It starts as many as `navigator` says there are processors.
import { Worker } from 'node:worker_threads';

const preamble = `
const { parentPort } = require('node:worker_threads');
globalThis.self = globalThis;
globalThis.postMessage = (message) => parentPort.postMessage(message);
parentPort.on('message', (data) => globalThis.onmessage({ data }));
`;

export function provideWorkers(threads) {
  const scripts = new Map();
  /** What pages have. @type {any} */
  const page = globalThis;
  const Original = globalThis.Blob;
  page.Blob = class extends Original {
    constructor(parts, options) {
      super(parts, options);
      this.script = parts.join('');
    }
  };
  page.URL.createObjectURL = ({ script }) => {
    const url = `script:${scripts.size}`;
    scripts.set(url, script);
    return url;
  };
  page.URL.revokeObjectURL = () => undefined;
  page.Worker = class {
    /** @type {((event: unknown) => void) | undefined} */
    onmessage;
    /** @type {((error: unknown) => void) | undefined} */
    onerror;
    constructor(url) {
      this.worker = new Worker(preamble + scripts.get(url), { eval: true });
      this.worker.on('message', (data) => this.onmessage?.({ data }));
      this.worker.on('error', (error) => this.onerror?.(error));
    }
    postMessage(message, transfer) {
      this.worker.postMessage(message, transfer);
    }
    terminate() {
      return this.worker.terminate();
    }
  };
  Object.defineProperty(globalThis, 'navigator', {
    value: { hardwareConcurrency: threads },
    configurable: true,
  });
}
