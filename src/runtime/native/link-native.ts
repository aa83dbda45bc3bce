// The linker of generated modules for native code: it loads the library compiled beside the module.
import { ModelInputError, ModelStateError } from '../errors.ts';
import type { Executable } from '../executable.ts';
import type { ModelOptions } from '../model.ts';
import { nodeModule } from '../wasm/host.ts';
import type { NativeLayout } from './layout.ts';
import { createNativeExecutable } from './native-executable.ts';

/** A compiled library, at `url`. */
export interface NativeBuild {
  readonly url: URL;
  readonly layout: NativeLayout;
}

export interface NativeModelOptions extends ModelOptions {
  /** Threads that share a step; by default as many as the machine has, at most 8. */
  readonly threads?: number;
  /**
   * Whether results must be bitwise equal on all machines: impossible in native code, whose order of summation depends on the vector
   * length.
   */
  readonly deterministic?: boolean;
}

/**
 * Loads a model's library.
 * @throws ModelStateError where it cannot run
 */
export async function linkNative(
  { url, layout }: NativeBuild,
  { threads, deterministic = false }: NativeModelOptions,
): Promise<Executable> {
  if (deterministic)
    throw new ModelInputError(
      'deterministic',
      'left out, or the target wasm',
      'asked of native code, whose sums go by the vectors of the processor',
    );
  const paths = await nodeModule<typeof import('node:url')>('url');
  if (!paths || url.protocol !== 'file:')
    throw new ModelStateError('native code runs in Node alone, from a file');
  return createNativeExecutable(paths.fileURLToPath(url), layout, threads === undefined ? {} : { threads });
}
