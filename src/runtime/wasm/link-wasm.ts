// The linker of generated modules for WebAssembly: of the modules compiled beside it, it loads the first that this engine can run.
import { ModelStateError } from '../errors.ts';
import type { Executable } from '../executable.ts';
import type { ModelOptions } from '../model.ts';
import { readBytes } from '../read-bytes.ts';
import { relaxedSimd, sharedMemory } from './features.ts';
import type { WasmLayout } from './layout.ts';
import { createWasmExecutable } from './wasm-executable.ts';

/** One compiled form of the model, with its bytes at `url`. */
export interface WasmBuild {
  readonly url: URL;
  readonly layout: WasmLayout;
}

export interface WasmModelOptions extends ModelOptions {
  /** Threads that share a step, this one included; by default as many as the machine has, at most 8. */
  readonly threads?: number;
  /** Whether results must be bitwise equal on all machines: no fused multiply-adds. By default no. */
  readonly deterministic?: boolean;
}

/**
 * Loads the first of a model's builds that can run; they are in order, best first.
 * @throws ModelStateError where none of them can run
 */
export async function linkWasm(
  builds: readonly WasmBuild[],
  { threads, deterministic = false }: WasmModelOptions,
): Promise<Executable> {
  const relaxed = !deterministic && (await relaxedSimd());
  const shared = sharedMemory();
  const build = builds.find(({ layout }) => (relaxed || !layout.fused) && (shared || !layout.threads));
  if (!build) throw new ModelStateError(refusal(builds, { relaxed, shared, deterministic }));
  const options = threads === undefined ? {} : { threads };
  return createWasmExecutable(await readBytes(build.url), build.layout, options);
}

/** Why none of the builds can run, and what to do. */
function refusal(
  builds: readonly WasmBuild[],
  has: { readonly relaxed: boolean; readonly shared: boolean; readonly deterministic: boolean },
): string {
  const reasons: string[] = [];
  let headers = '';
  if (!has.shared && builds.every(({ layout }) => layout.threads)) {
    const isPage = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === false;
    reasons.push(
      isPage
        ? 'this page is not cross-origin isolated, so that threads cannot share memory'
        : 'this engine has no memory that threads share',
    );
    if (isPage)
      headers =
        'serve the page with the headers `Cross-Origin-Opener-Policy: same-origin` and ' +
        '`Cross-Origin-Embedder-Policy: require-corp`, or ';
  }
  if (!has.relaxed && builds.every(({ layout }) => layout.fused)) {
    reasons.push(
      has.deterministic
        ? '`deterministic` excludes the fused multiply-adds that the model was compiled with'
        : 'this engine has no relaxed SIMD, which the model was compiled with',
    );
    // the headers alone would not do
    headers = '';
  }
  return (
    `${reasons.join(', and ')}: ${headers}compile the model with \`nnc compile --portable\`, ` +
    'which adds a form for one thread on every engine'
  );
}
