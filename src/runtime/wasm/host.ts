// The little that differs between Node and a page: Node's own modules, and threads.

/** A module of Node's; undefined elsewhere. The name is put together here, so that no bundler for a page looks for it. */
export async function nodeModule<T>(name: string): Promise<T | undefined> {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  if (process?.versions?.node === undefined) return undefined;
  return (await import(/* @vite-ignore */ `node:${name}`)) as T;
}

/** How many threads this machine runs at a time. */
export async function availableThreads(): Promise<number> {
  const os = await nodeModule<typeof import('node:os')>('os');
  if (os) return os.availableParallelism();
  return (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency ?? 1;
}

export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly thread: number;
  readonly threads: number;
}

export interface Thread {
  /** Settled when the thread waits for work; rejects when it cannot start. */
  readonly ready: Promise<void>;
  /** Called when the thread dies; there is no way on from there. */
  onFailure: (error: Error) => void;
  stop(): Promise<void>;
}

/** What a worker runs: it says that it is ready and then does not come back before it is told to end. */
const body = `({ module, memory, thread, threads }, say) => {
  const abort = () => { throw new Error('the module aborted'); };
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort } });
  say('ready');
  exports.work(thread, threads);
}`;

export async function startThread(start: ThreadStart): Promise<Thread> {
  const workers = await nodeModule<typeof import('node:worker_threads')>('worker_threads');
  return workers ? startNodeThread(workers, start) : startPageThread(start);
}

function startNodeThread(workers: typeof import('node:worker_threads'), start: ThreadStart): Thread {
  const source = `const { workerData, parentPort } = require('node:worker_threads');
(${body})(workerData, (word) => parentPort.postMessage(word));`;
  const worker = new workers.Worker(source, { eval: true, workerData: start });
  const thread: Thread = {
    onFailure: () => undefined,
    ready: new Promise((resolve, reject) => {
      worker.once('message', () => {
        // A thread that waits must not keep the process from ending.
        worker.unref();
        resolve();
      });
      worker.on('error', (error: unknown) => {
        const failure = error instanceof Error ? error : new Error(String(error));
        reject(failure);
        thread.onFailure(failure);
      });
    }),
    stop: async () => void (await worker.terminate()),
  };
  return thread;
}

function startPageThread(start: ThreadStart): Thread {
  const source = `onmessage = ({ data }) => (${body})(data, (word) => postMessage(word));`;
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  const worker = new Worker(url);
  const thread: Thread = {
    onFailure: () => undefined,
    ready: new Promise((resolve, reject) => {
      worker.onmessage = () => {
        URL.revokeObjectURL(url);
        resolve();
      };
      worker.onerror = ({ message }) => {
        reject(new Error(message));
        thread.onFailure(new Error(message));
      };
    }),
    stop: () => {
      worker.terminate();
      return Promise.resolve();
    },
  };
  worker.postMessage(start);
  return thread;
}
