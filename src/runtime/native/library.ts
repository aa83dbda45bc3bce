// Loads a compiled library and binds its functions. The FFI package is loaded at its first use, and only by Node.
import { ModelStateError } from '../errors.ts';
import { nodeModule } from '../wasm/host.ts';

/** One model in a library's memory, with its threads. */
export interface NativeLibrary {
  /** Bytes that the library allocated. */
  readonly allocated: number;
  readonly memory: ArrayBuffer;
  /** Runs a program on this thread, synchronously. */
  runNow(program: number): void;
  /** Runs a program on another thread. */
  runApart(program: number): Promise<void>;
  /** A thread's result of the start-up test. */
  checked(thread: number): number;
  /** The memory must not be accessed afterwards. */
  destroy(): void;
}

/**
 * @param bytes how much of the memory is mapped for JavaScript
 * @throws ModelStateError where the library cannot be loaded or is for another processor
 */
export async function openLibrary(path: string, threads: number, bytes: number): Promise<NativeLibrary> {
  if (!(await nodeModule('process'))) throw new ModelStateError('native code runs in Node alone');
  // Concatenated, so that no bundler for a page resolves it.
  const name = ['kof', 'fi'].join('');
  const { default: koffi } = (await import(/* @vite-ignore */ name)) as { default: typeof import('koffi') };
  let library;
  try {
    library = koffi.load(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelStateError(`${path} cannot be loaded: ${reason}`);
  }
  const supported = library.func('int nnc_supported()') as () => number;
  if (supported() === 0)
    throw new ModelStateError(
      'the model was compiled for a processor that has more instructions than this one: compile it again here',
    );
  const create = library.func('void *nnc_create(int threads)') as (threads: number) => bigint | null;
  const memoryOf = library.func('void *nnc_memory(void *device)') as (device: bigint) => bigint;
  const run = library.func('void nnc_run(void *device, int program)') as unknown as {
    (device: bigint, program: number): void;
    async(device: bigint, program: number, done: (error: Error | null) => void): void;
  };
  const check = library.func('float nnc_check(void *device, int thread)') as (
    device: bigint,
    thread: number,
  ) => number;
  const allocated = library.func('double nnc_allocated(void *device)') as (device: bigint) => number;
  const destroy = library.func('void nnc_destroy(void *device)') as (device: bigint) => void;
  const device = create(threads);
  if (device === null)
    throw new ModelStateError(
      `the system gave no memory or no threads for the model (${Math.ceil(bytes / 2 ** 20)} MiB, ${threads} threads)`,
    );
  return {
    allocated: allocated(device),
    memory: koffi.view(memoryOf(device), bytes),
    runNow: (program) => run(device, program),
    runApart: (program) =>
      new Promise((resolve, reject) =>
        run.async(device, program, (error) => {
          if (error) reject(error);
          else resolve();
        }),
      ),
    checked: (thread) => check(device, thread),
    destroy: () => destroy(device),
  };
}
