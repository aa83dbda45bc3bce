// The passes of the compiler, in order, from text to a target's files: read this first. The command line, the tests, `--emit`,
// `--timings` and ARCHITECTURE.md share this one list. A row says what the pass is called, what runs, and the form that it leaves,
// by which it is verified, printed and measured. State, adapters and forms are in src/driver/passes/.
import {
  emitLoopsAll,
  fuseAll,
  legalizeAll,
  lowerAll,
  makeProducts,
  placeAll,
  printAll,
  recognizeAll,
  scheduleAll,
  simplifyAll,
} from './driver/passes/back.ts';
import { files, graphs, kernels, loops, memory, names, plans, texts, tree } from './driver/passes/forms.ts';
import {
  differentiateAll,
  elaborateSource,
  invertAll,
  parseSource,
  resolveSource,
  scaleTargetsAll,
  simplifyForwardAll,
  throwErrors,
  updateAll,
} from './driver/passes/front.ts';
import { begin, runPass, runPasses, type LatePass, type Pass, type Watch } from './driver/passes/run.ts';
import { need, type CompilerState } from './driver/passes/state.ts';
import type { Compilation, CompileOptions } from './driver/compilation.ts';
import type { Source } from './diagnostics/source.ts';
import type { VariantWishes } from './targets/target.ts';

export type { Compilation, CompileOptions } from './driver/compilation.ts';

/** Of a text alone, whatever machine it is compiled for: these wait for nothing. */
const toKernels: readonly Pass[] = [
  { name: 'parse', run: parseSource, form: tree },
  { name: 'names', run: resolveSource, form: names },
  { name: 'elaborate', run: elaborateSource, form: graphs },
  { name: 'scale-targets', run: scaleTargetsAll, form: graphs },
  { name: 'simplify-forward', run: simplifyForwardAll, form: graphs },
  { name: 'differentiate', run: differentiateAll, form: graphs },
  { name: 'invert', run: invertAll, form: graphs },
  { name: 'update', run: updateAll, form: graphs },
  { name: 'simplify', run: simplifyAll, form: graphs },
  { name: 'lower', run: lowerAll, form: kernels },
  { name: 'fuse', run: fuseAll, form: kernels },
  { name: 'legalize', run: legalizeAll, form: kernels },
];

/** For a machine, in each variant of the target's code. */
const toProducts: readonly LatePass[] = [
  { name: 'recognize', run: recognizeAll, form: kernels },
  { name: 'schedule', run: scheduleAll, form: plans },
  { name: 'loops', run: emitLoopsAll, form: loops },
  { name: 'memory', run: placeAll, form: memory },
  { name: 'print', run: printAll, form: texts },
  { name: 'products', run: makeProducts, form: files },
];

export const passes: readonly LatePass[] = [...toKernels, ...toProducts];

/** Compiles a model of a source, up to its kernels. Throws DiagnosticError where the source is at fault. */
export function compile(source: Source, options: CompileOptions = {}): Compilation {
  return compilationIn(runPasses(toKernels, begin(source, options)));
}

export interface CompileRequest extends VariantWishes {
  readonly source: Source;
  readonly options?: CompileOptions;
  /** The last pass to run, by its name; by default the last of all. */
  readonly until?: string;
  /** What the products are called, and where the target's own compiler keeps what it has made: for the pass `products`. */
  readonly place?: { readonly name: string; readonly cache: string };
  /** Told after every pass. */
  readonly watch?: Watch;
}

/** Runs the passes up to one of them. Throws DiagnosticError where the source is at fault. */
export async function compileUntil(request: CompileRequest): Promise<CompilerState> {
  const { source, options = {}, until, watch } = request;
  const last = until === undefined ? passes.length - 1 : passes.findIndex(({ name }) => name === until);
  if (last < 0) throw new Error(`there is no pass ${String(until)}`);
  let state = runPasses(toKernels.slice(0, last + 1), begin(source, options, request), watch);
  throwErrors(state);
  for (const pass of toProducts.slice(0, Math.max(0, last + 1 - toKernels.length)))
    state = await runPass(pass, state, watch);
  return state;
}

export const compilationIn = (state: CompilerState): Compilation =>
  need(state.compilation, 'the compilation');
