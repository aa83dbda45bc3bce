// An executable from a loaded library and its layout. A long program runs on another thread, so that this one can serve progress and
// signals; a short one runs here, since a thread switch takes as long as a small model's step.
import { ArenaExecutable, type ArenaDevice } from '../arena.ts';
import { ModelInputError, ModelStateError } from '../errors.ts';
import type { Executable } from '../executable.ts';
import { usualThreads } from '../wasm/host.ts';
import type { NativeLayout } from './layout.ts';
import { openLibrary, type NativeLibrary } from './library.ts';

export interface NativeOptions {
  /** By default as many as the machine has, at most 8. */
  readonly threads?: number;
}

/** The longest time that a program may block this thread, in milliseconds. */
const shortest = 2;

/** @throws ModelStateError when the library cannot be loaded, or computes wrongly */
export async function createNativeExecutable(
  path: string,
  layout: NativeLayout,
  options: NativeOptions = {},
): Promise<Executable> {
  const threads = options.threads ?? (await usualThreads());
  if (!Number.isInteger(threads) || threads < 1 || threads > 64)
    throw new ModelInputError('threads', 'a whole number from 1 to 64', String(threads));
  const library = await openLibrary(path, threads, layout.bytes);
  try {
    await check(library, layout.programs.length, threads);
  } catch (error) {
    library.destroy();
    throw error;
  }
  const mode = `native ${layout.machine}, ${threads} thread${threads === 1 ? '' : 's'}`;
  return new ArenaExecutable(deviceOf(library, mode), layout);
}

/** The start-up test: every thread multiplies and adds its own numbers, and all results must be correct. */
async function check(library: NativeLibrary, program: number, threads: number): Promise<void> {
  await library.runApart(program);
  for (let thread = 0; thread < threads; thread++) {
    const [found, expected] = [library.checked(thread), 7 * (thread + 1) + 1];
    if (found !== expected)
      throw new ModelStateError(
        `native: thread ${thread} computed ${found} in the start-up test, not ${expected}`,
      );
  }
}

function deviceOf(library: NativeLibrary, mode: string): ArenaDevice {
  /** The last run time of each program, in milliseconds. */
  const took = new Map<number, number>();
  return {
    mode,
    allocated: library.allocated,
    memory: library.memory,
    run: async (program) => {
      const from = performance.now();
      if ((took.get(program) ?? Infinity) < shortest) library.runNow(program);
      else await library.runApart(program);
      took.set(program, performance.now() - from);
    },
    failure: () => undefined,
    destroy: () => library.destroy(),
  };
}
