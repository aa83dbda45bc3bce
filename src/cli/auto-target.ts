// `--target auto`: native code where a C compiler is found and the first steps (or, for a trained model, the first batches) are timed
// and show that it is faster than WebAssembly. What is chosen, and why, is said.
import type { CompileOptions } from '../compile.ts';
import { CompilerMissing, findCompiler } from '../codegen/c/compiler.ts';
import type { Source } from '../diagnostics/source.ts';
import { drawBatch } from './commands/bench/data.ts';
import { repeatFor } from './commands/bench/time.ts';
import { build, loadBuild } from './build.ts';
import type { Streams } from './streams.ts';
import type { TargetChoice } from './targets.ts';
import { formsHere } from './wasm-forms.ts';

export interface AutoRequest {
  readonly source: Source;
  readonly options: Omit<CompileOptions, 'target'>;
  readonly deterministic: boolean;
  readonly threads?: number;
  /** What the command is going to do: by default training steps. */
  readonly program?: keyof typeof timedWork;
}

/** What is timed, in the words of the note. */
const timedWork = { step: 'steps', evaluate: 'batches' } as const;

/** Seconds that each target is timed for, after as long for warming up. */
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
  const [native, wasm] = [await timeBatch('native', request), await timeBatch('wasm', request)];
  const chosen = native < wasm ? 'native' : 'wasm';
  streams.note(
    `target ${chosen}: the first ${timedWork[request.program ?? 'step']} took ${native.toFixed(2)} ms native and ${wasm.toFixed(2)} ms on wasm`,
  );
  return chosen;
}

/** Milliseconds that the program takes for a batch of random data. */
async function timeBatch(
  target: 'native' | 'wasm',
  { source, options, threads, program = 'step' }: AutoRequest,
): Promise<number> {
  const { specification, create } = await loadBuild(
    await build({
      source,
      target,
      options: { ...options, programs: [program] },
      forms: await formsHere(false),
    }),
  );
  const model = await create(threads === undefined ? {} : { threads });
  try {
    const data = drawBatch(specification);
    const once = () => model[program](data);
    await repeatFor(timed, once);
    return (await repeatFor(timed, once)).median;
  } finally {
    await model.destroy();
  }
}
