// A generated module and its layout enter, an executable leaves: memory is made once, threads are started and wait in the module,
// and a run is one call in which this thread takes its share. Nothing is allocated from run to run but the copies of the outputs.
import { ModelInputError, ModelStateError } from '../errors.ts';
import type { Arrays, Executable } from '../executable.ts';
import type { ProgramName } from '../specification.ts';
import { availableThreads, startHost, startThread, type HostThread, type Thread } from './host.ts';
import { relaxedSimd, sharedMemory } from './features.ts';
import { pagesFor, type WasmLayout, type WasmRegion } from './layout.ts';
import { patienceFor, words } from './words.ts';

export interface WasmOptions {
  /** By default as many as the machine runs at a time, at most 8. */
  readonly threads?: number;
  /**
   * Whether this thread's share too is run by a worker, so that this thread stays free while a step runs. By default in a page,
   * whose own thread must not wait for others.
   */
  readonly apart?: boolean;
}

type View = readonly [name: string, view: Float32Array];

interface ProgramViews {
  readonly index: number;
  readonly inputs: readonly View[];
  readonly outputs: readonly View[];
}

/** @throws Error when the engine cannot run the module, or runs it wrongly */
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
  const wanted = options.threads ?? Math.min(8, processors);
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 64)
    throw new ModelInputError('threads', 'a whole number from 1 to 64', String(wanted));
  const threads = layout.threads ? wanted : 1;
  const module = bytes instanceof WebAssembly.Module ? bytes : await WebAssembly.compile(bytes);
  const pages = pagesFor(layout, threads);
  const memory = makeMemory(pages, layout.threads);
  new Int32Array(memory.buffer)[words.patience / 4] = patienceFor(threads, processors);
  const abort = () => {
    throw new Error('the module aborted');
  };
  const apart = layout.threads && (options.apart ?? 'document' in globalThis);
  const host = apart ? await startHost({ module, memory, threads }) : undefined;
  const runs: Run = host
    ? (program) => host.run(program)
    : runHere((await WebAssembly.instantiate(module, { env: { memory, abort } })).exports, threads);
  const others = await Promise.all(
    Array.from({ length: threads - 1 }, (_, i) => startThread({ module, memory, thread: i + 1, threads })),
  );
  const workers: (Thread | HostThread)[] = host ? [host, ...others] : others;
  try {
    await Promise.all(workers.map((thread) => thread.ready));
    const executable = new WasmExecutable(runs, memory, layout, threads, workers);
    await executable.check();
    return executable;
  } catch (error) {
    await Promise.all(workers.map((thread) => thread.stop()));
    throw error;
  }
}

/** Runs a program by number; without a promise where this thread took part. */
type Run = (program: number) => Promise<void> | void;

function runHere(exports: WebAssembly.Exports, threads: number): Run {
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

class WasmExecutable implements Executable {
  readonly mode: string;
  private readonly programs: ReadonlyMap<string, ProgramViews>;
  private readonly stored: ReadonlyMap<string, Float32Array>;
  private failure: Error | undefined;
  private destroyed = false;

  constructor(
    private readonly runs: Run,
    private readonly memory: WebAssembly.Memory,
    private readonly layout: WasmLayout,
    private readonly threads: number,
    private readonly workers: readonly Thread[],
  ) {
    this.mode = `wasm, ${this.threads} thread${this.threads === 1 ? '' : 's'}${layout.fused ? '' : ', plain SIMD'}`;
    const views = (regions: readonly WasmRegion[]) =>
      regions.map((region): View => [region.name, this.view(region)]);
    this.programs = new Map(
      layout.programs.map(({ name, inputs, outputs }, index) => [
        name,
        { index, inputs: views(inputs), outputs: views(outputs) },
      ]),
    );
    this.stored = new Map(views(layout.stored));
    for (const worker of workers) {
      worker.onFailure = (error) =>
        (this.failure = new Error(`a thread has died: ${error.message}`, { cause: error }));
    }
  }

  /** The start-up test: every thread multiplies and adds what it alone knows, and all of it must come out right. */
  async check(): Promise<void> {
    const integers = new Int32Array(this.memory.buffer, 0, words.check / 4 + 16 * 64);
    integers.fill(0, words.check / 4);
    await this.runs(this.layout.programs.length);
    for (let thread = 0; thread < this.threads; thread++) {
      const [at, expected] = [words.check / 4 + 16 * thread, 7 * (thread + 1) + 1];
      if (integers[at] !== expected)
        throw new Error(
          `wasm: thread ${thread} computed ${integers[at]} in the start-up test, not ${expected}`,
        );
    }
    integers.fill(0, words.check / 4);
  }

  async run(name: ProgramName, inputs: Arrays): Promise<Arrays> {
    this.alive();
    const program = this.programs.get(name);
    if (!program) throw new ModelStateError(`the module was compiled without its program \`${name}\``);
    for (const [input, view] of program.inputs) {
      const values = inputs[input];
      if (values?.length !== view.length)
        throw new ModelInputError(input, `${view.length} numbers`, values ? `${values.length}` : 'none');
      view.set(values);
    }
    await this.runs(program.index);
    const outputs: { [name: string]: Float32Array } = Object.create(null) as { [name: string]: Float32Array };
    for (const [output, view] of program.outputs) outputs[output] = copyOf(view);
    return outputs;
  }

  read(path: string): Promise<Float32Array> {
    return new Promise((resolve) => resolve(copyOf(this.find(path))));
  }

  write(path: string, values: Float32Array): Promise<void> {
    return new Promise((resolve) => {
      const view = this.find(path);
      if (values.length !== view.length)
        throw new RangeError(`${path} has ${view.length} elements, not ${values.length}`);
      view.set(values);
      resolve();
    });
  }

  async destroy(): Promise<void> {
    if (this.destroyed) return;
    this.destroyed = true;
    await Promise.all(this.workers.map((worker) => worker.stop()));
  }

  private find(path: string): Float32Array {
    this.alive();
    const view = this.stored.get(path);
    if (!view) throw new ModelInputError(path, 'the path of a stored tensor', 'one the model does not have');
    return view;
  }

  private alive(): void {
    if (this.destroyed) throw new ModelStateError('the executable was destroyed');
    if (this.failure) throw this.failure;
  }

  private view({ offset, elements }: WasmRegion): Float32Array {
    return new Float32Array(this.memory.buffer, offset, elements);
  }
}

/** Into memory of its own, whatever the original's is. */
function copyOf(view: Float32Array): Float32Array {
  const copy = new Float32Array(view.length);
  copy.set(view);
  return copy;
}
