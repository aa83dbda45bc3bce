// What a generated module for native code calls to become an executable: it loads the library that was compiled beside it.
import { ModelInputError, ModelStateError } from '../errors.ts';
import type { Executable } from '../executable.ts';
import type { ModelOptions } from '../model.ts';
import { nodeModule } from '../wasm/host.ts';
import type { NativeLayout } from './layout.ts';
import { createNativeExecutable } from './native-executable.ts';

/** A compiled library: it lies at `url`. */
export interface NativeBuild {
  readonly url: URL;
  readonly layout: NativeLayout;
}

export interface NativeModelOptions extends ModelOptions {
  /** Threads that run a step together; by default as many as the machine has, at most 8. */
  readonly threads?: number;
  /** Whether two machines must agree to the bit: native code cannot, its sums go by the processor's vectors. */
  readonly deterministic?: boolean;
}

/**
 * Loads a model's library.
 * @throws ModelStateError where it cannot run here
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
