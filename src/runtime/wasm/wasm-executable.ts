// An executable from a generated module and its layout: memory is allocated once, threads are started and wait in the module, and a run
// is one call in which this thread computes its share. A run allocates nothing but the copies of the outputs.
import { ArenaExecutable, type ArenaDevice } from '../arena.ts';
import { ModelInputError, ModelStateError } from '../errors.ts';
import type { Executable } from '../executable.ts';
import { availableThreads, usualThreads, startHost, startThread, WorkerError, type Thread } from './host.ts';
import { relaxedSimd, sharedMemory } from './features.ts';
import { pagesFor, type WasmLayout } from './layout.ts';
import { mostThreads, longSpinsFor, words } from './words.ts';

export interface WasmOptions {
  /** By default as many as the machine has, at most 8. */
  readonly threads?: number;
  /**
   * Whether a worker computes this thread's share, so that this thread is not blocked by a step. By default in a page, whose main thread
   * must not block.
   */
  readonly apart?: boolean;
}

/** @throws Error when the engine cannot run the module, or computes wrong results */
export async function createWasmExecutable(
  bytes: BufferSource | WebAssembly.Module,
  layout: WasmLayout,
  options: WasmOptions = {},
): Promise<Executable> {
  if (layout.fused && !(await relaxedSimd()))
    throw new Error('this engine has no relaxed SIMD: compile the model with --deterministic');
  if (layout.threads && !sharedMemory())
    throw new Error('there is no shared memory here: compile the model for one thread, or isolate the page');
  const processors = await availableThreads();
  const wanted = options.threads ?? (await usualThreads());
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 64)
    throw new ModelInputError('threads', 'a whole number from 1 to 64', String(wanted));
  const threads = layout.threads ? wanted : 1;
  const module = bytes instanceof WebAssembly.Module ? bytes : await compileModule(bytes);
  const apart = layout.threads && (options.apart ?? 'document' in globalThis);
  const start = (team: Team) => startDevice(module, layout, { ...team, processors });
  try {
    return await start({ threads, apart });
  } catch (error) {
    if (!(error instanceof WorkerError)) throw error;
    // One thread needs no worker, and gives the same bits.
    const place = apart ? "the page's own thread, which every step blocks" : 'one thread';
    console.warn(`nnc: ${error.message}. The model runs on ${place}.`);
    return start({ threads: 1, apart: false });
  }
}

/** @throws ModelStateError that says why the engine refuses the module */
async function compileModule(bytes: BufferSource): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isPolicy = /content.security.policy|\bCSP\b|unsafe-eval|disallowed by embedder/i.test(reason);
    const problem = isPolicy
      ? "the page's Content-Security-Policy forbids WebAssembly: it has to allow `script-src 'wasm-unsafe-eval'`"
      : `this engine cannot compile the model, which needs WebAssembly with SIMD: ${reason}`;
    throw new ModelStateError(problem, { cause: error });
  }
}

interface Team {
  readonly threads: number;
  /** Whether thread 0 is a worker too. */
  readonly apart: boolean;
}

/** @throws WorkerError where a worker cannot be started */
async function startDevice(
  module: WebAssembly.Module,
  layout: WasmLayout,
  { threads, apart, processors }: Team & { readonly processors: number },
): Promise<Executable> {
  const memory = makeMemory(pagesFor(layout, threads), layout.threads);
  new Int32Array(memory.buffer)[words.longSpins / 4] = longSpinsFor(threads, processors);
  const workers: Thread[] = [];
  try {
    const host = apart ? await startHost({ module, memory, threads }) : undefined;
    if (host) workers.push(host);
    for (let thread = 1; thread < threads; thread++)
      workers.push(await startThread({ module, memory, thread, threads }));
    const runs = host ? (program: number) => host.run(program) : await runHere(module, memory, threads);
    await Promise.all(workers.map(({ ready }) => ready));
    await check(runs, memory, layout.programs.length, threads);
    const mode = `wasm, ${threads} thread${threads === 1 ? '' : 's'}${layout.fused ? '' : ', plain SIMD'}`;
    return new ArenaExecutable(deviceOf(runs, memory, workers, mode), layout);
  } catch (error) {
    await Promise.all(workers.map((worker) => worker.stop()));
    throw error;
  }
}

/** Runs a program by number; returns no promise if this thread took part. */
type Run = (program: number) => Promise<void> | void;

async function runHere(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  threads: number,
): Promise<Run> {
  const abort = () => {
    throw new Error('the module aborted');
  };
  const { exports } = await WebAssembly.instantiate(module, { env: { memory, abort } });
  const { run } = exports as { run?: (program: number, threads: number) => void };
  if (!run) throw new Error('this is no module that nnc has generated');
  return (program) => run(program, threads);
}

function makeMemory(pages: number, shared: boolean): WebAssembly.Memory {
  if (pages > 65536)
    throw new ModelInputError(
      'batch',
      "few enough examples to fit into WebAssembly's 4 GiB",
      `one that needs ${Math.ceil(pages / 16)} MiB`,
    );
  return new WebAssembly.Memory(shared ? { initial: pages, maximum: 65536, shared } : { initial: pages });
}

/** The start-up test: every thread multiplies and adds its own numbers, and all results must be correct. */
async function check(runs: Run, memory: WebAssembly.Memory, program: number, threads: number): Promise<void> {
  const integers = new Int32Array(memory.buffer, 0, words.check / 4 + 16 * mostThreads);
  integers.fill(0, words.check / 4);
  await runs(program);
  for (let thread = 0; thread < threads; thread++) {
    const [at, expected] = [words.check / 4 + 16 * thread, 7 * (thread + 1) + 1];
    if (integers[at] !== expected)
      throw new Error(
        `wasm: thread ${thread} computed ${integers[at]} in the start-up test, not ${expected}`,
      );
  }
  integers.fill(0, words.check / 4);
}

function deviceOf(
  run: Run,
  memory: WebAssembly.Memory,
  workers: readonly Thread[],
  mode: string,
): ArenaDevice {
  let failure: Error | undefined;
  for (const worker of workers) {
    worker.onFailure = (error) => {
      failure = new Error(`a thread has died: ${error.message}`, { cause: error });
    };
  }
  return {
    mode,
    allocated: memory.buffer.byteLength,
    memory: memory.buffer,
    run,
    failure: () => failure,
    destroy: async () => void (await Promise.all(workers.map((worker) => worker.stop()))),
  };
}
