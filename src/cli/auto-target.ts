// `--target auto`: native code where a C compiler is found and the first steps, timed, show that it is faster than WebAssembly. What
// is chosen, and why, is said.
import type { CompileOptions } from '../compile.ts';
import { CompilerMissing, findCompiler } from '../codegen/c/compiler.ts';
import type { Source } from '../diagnostics/source.ts';
import { drawBatch } from './bench-data.ts';
import { repeatFor } from './bench-time.ts';
import { build, loadBuild } from './build.ts';
import type { Streams } from './streams.ts';
import type { TargetChoice } from './targets.ts';
import { formsHere } from './wasm-forms.ts';

export interface AutoRequest {
  readonly source: Source;
  readonly options: Omit<CompileOptions, 'target'>;
  readonly deterministic: boolean;
  readonly threads?: number;
}

/** Seconds that steps of each target are timed for, after as long for warming up. */
const timed = 0.25;

export async function resolveTarget<T extends string>(
  wish: T,
  request: AutoRequest,
  streams: Streams,
): Promise<Exclude<T, 'auto'> | Exclude<TargetChoice, 'auto'>> {
  if (wish !== 'auto') return wish as Exclude<T, 'auto'>;
  if (request.deterministic) {
    streams.note('target wasm: native results go by the processor, and --deterministic is given');
    return 'wasm';
  }
  try {
    await findCompiler();
  } catch (error) {
    if (!(error instanceof CompilerMissing)) throw error;
    streams.note(`target wasm: ${error.message}`);
    return 'wasm';
  }
  const [native, wasm] = [await timeSteps('native', request), await timeSteps('wasm', request)];
  const chosen = native < wasm ? 'native' : 'wasm';
  streams.note(
    `target ${chosen}: the first steps took ${native.toFixed(2)} ms native and ${wasm.toFixed(2)} ms on wasm`,
  );
  return chosen;
}

/** Milliseconds a training step, on random data. */
async function timeSteps(
  target: 'native' | 'wasm',
  { source, options, threads }: AutoRequest,
): Promise<number> {
  const { specification, create } = await loadBuild(
    await build({
      source,
      target,
      options: { ...options, programs: ['step'] },
      forms: await formsHere(false),
    }),
  );
  const model = await create(threads === undefined ? {} : { threads });
  try {
    const data = drawBatch(specification);
    await repeatFor(timed, () => model.step(data));
    return (await repeatFor(timed, () => model.step(data))).median;
  } finally {
    await model.destroy();
  }
}
