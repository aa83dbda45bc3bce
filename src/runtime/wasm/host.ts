// The differences between Node and a page: Node's own modules, and threads.
import { ModelError } from '../model-error.ts';

/** No worker could be started: the page's policy, or Node's permissions, forbid it. */
export class WorkerError extends ModelError {
  override name = 'WorkerError';
}

/** A module of Node's; undefined elsewhere. The name is concatenated, so that no bundler for a page resolves it. */
export async function nodeModule<T>(name: string): Promise<T | undefined> {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  if (process?.versions?.node === undefined) return undefined;
  return (await import(/* @vite-ignore */ `node:${name}`)) as T;
}

/** The number of hardware threads. */
export async function availableThreads(): Promise<number> {
  const os = await nodeModule<typeof import('node:os')>('os');
  if (os) return os.availableParallelism();
  return (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency ?? 1;
}

/** The default number of threads for a model. */
export async function usualThreads(): Promise<number> {
  return Math.min(8, await availableThreads());
}

export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly thread: number;
  readonly threads: number;
}

/** A thread that runs programs on request, for a caller that must not block. */
export interface HostThread extends Thread {
  /** Settles when the program has run. */
  run(program: number): Promise<void>;
}

export interface Thread {
  /** Resolves when the thread is waiting for work; rejects if it cannot start. */
  readonly ready: Promise<void>;
  /** Called when the thread dies, which is fatal. */
  onFailure: (error: Error) => void;
  stop(): Promise<void>;
}

/** The body of a worker: it reports that it is ready, and then blocks until told to end. */
const body = `({ module, memory, thread, threads }, say) => {
  const abort = () => { throw new Error('the module aborted'); };
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort } });
  say('ready');
  exports.work(thread, threads);
}`;

/** The body of a host: it instantiates the module, and returns a function that answers each number by running that program. */
const hostBody = `({ module, memory, threads }, say) => {
  const abort = () => { throw new Error('the module aborted'); };
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort } });
  say('ready');
  return (program) => { exports.run(program, threads); say('done'); };
}`;

export async function startThread(start: ThreadStart): Promise<Thread> {
  return startWorker(start, {
    node: `(${body})(workerData, (word) => parentPort.postMessage(word));`,
    page: `onmessage = ({ data }) => (${body})(data, (word) => postMessage(word));`,
  });
}

/** Thread 0 in its own worker. */
export async function startHost(start: Omit<ThreadStart, 'thread'>): Promise<HostThread> {
  const worker = await startWorker(
    { ...start, thread: 0 },
    {
      node: `const answer = (${hostBody})(workerData, (word) => parentPort.postMessage(word)); parentPort.on('message', answer);`,
      page: `onmessage = ({ data }) => { const answer = (${hostBody})(data, (word) => postMessage(word)); onmessage = ({ data }) => answer(data); };`,
    },
  );
  let waiting: { resolve: () => void; reject: (error: Error) => void } | undefined;
  worker.onMessage = () => waiting?.resolve();
  const host: HostThread = {
    ready: worker.ready,
    onFailure: () => undefined,
    stop: () => worker.stop(),
    run: (program) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        worker.post(program);
      }),
  };
  worker.onFailure = (error) => {
    waiting?.reject(error);
    host.onFailure(error);
  };
  return host;
}

interface RunningWorker extends Thread {
  /** Called with the worker's messages after it is ready. */
  onMessage: () => void;
  post(message: number): void;
}

const refusal = 'the page could start no worker: its Content-Security-Policy has to allow `worker-src blob:`';

/** @throws WorkerError where the worker's constructor throws */
function startable<T>(make: () => T, problem: string): T {
  try {
    return make();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new WorkerError(`${problem} (${reason})`, { cause: error });
  }
}

async function startWorker(
  start: ThreadStart,
  source: { readonly node: string; readonly page: string },
): Promise<RunningWorker> {
  const workers = await nodeModule<typeof import('node:worker_threads')>('worker_threads');
  const running = workers
    ? startNodeWorker(workers, start, source.node)
    : startPageWorker(start, source.page);
  // Its caller starts other workers before it awaits this one.
  running.ready.catch(() => undefined);
  return running;
}

function startNodeWorker(
  workers: typeof import('node:worker_threads'),
  start: ThreadStart,
  source: string,
): RunningWorker {
  const head = "const { workerData, parentPort } = require('node:worker_threads');";
  const worker = startable(
    () => new workers.Worker(`${head}\n${source}`, { eval: true, workerData: start }),
    'Node could start no worker thread',
  );
  const running: RunningWorker = {
    onFailure: () => undefined,
    onMessage: () => undefined,
    post: (message) => {
      // Until it answers, it must keep the process alive.
      worker.ref();
      worker.postMessage(message);
    },
    ready: new Promise((resolve, reject) => {
      worker.once('message', () => {
        worker.on('message', () => {
          worker.unref();
          running.onMessage();
        });
        // An idle thread must not keep the process alive. Only now: adding a message listener refs the worker again.
        worker.unref();
        resolve();
      });
      worker.on('error', (error: unknown) => {
        const failure = error instanceof Error ? error : new Error(String(error));
        reject(failure);
        running.onFailure(failure);
      });
    }),
    stop: async () => void (await worker.terminate()),
  };
  return running;
}

function startPageWorker(start: ThreadStart, source: string): RunningWorker {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  const worker = startable(() => new Worker(url), refusal);
  const running: RunningWorker = {
    onFailure: () => undefined,
    onMessage: () => undefined,
    post: (message) => worker.postMessage(message),
    ready: new Promise((resolve, reject) => {
      worker.onmessage = () => {
        URL.revokeObjectURL(url);
        worker.onmessage = () => running.onMessage();
        resolve();
      };
      worker.onerror = (event) => {
        URL.revokeObjectURL(url);
        // A worker whose script was not loaded sends an event that is no ErrorEvent: it has no message.
        const { message } = event as { readonly message?: string };
        const failure = message === undefined ? new WorkerError(refusal) : new Error(message);
        reject(failure);
        running.onFailure(failure);
      };
    }),
    stop: () => {
      worker.terminate();
      return Promise.resolve();
    },
  };
  worker.postMessage(start);
  return running;
}
