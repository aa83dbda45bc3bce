// The forms in which a model can be printed, for people: `nnc compile --emit …`. Any form that a pass of src/compile.ts leaves can be
// printed; the older names are shorthand for some.
import { compileUntil, passes, type CompileOptions } from '../compile.ts';
import { fail, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { suggest } from '../diagnostics/suggest.ts';
import type { Source } from '../diagnostics/source.ts';
import { printGraph } from '../ir/graph/print.ts';
import { defaultTarget, readableTarget, targetOf, type TargetName } from '../targets/table.ts';
import { productName } from './build.ts';
import { cacheOf } from './cache.ts';
import type { CompilerState } from './passes/state.ts';
import type { Watch } from './passes/run.ts';

interface EmittedForm {
  /** The pass after which it is printed. */
  readonly after: string;
  /** The default target. */
  readonly target: TargetName;
  /** Replaces the pass's own printer. */
  print?(state: CompilerState): string;
}

const shorthands: ReadonlyMap<string, EmittedForm> = new Map([
  ['ast', { after: 'parse', target: defaultTarget }],
  ['graph', { after: 'simplify', target: defaultTarget }],
  ['gradient', { after: 'simplify', target: defaultTarget, print: printBackward }],
  ['kernels', { after: 'fuse', target: defaultTarget }],
  ['ts', { after: 'print', target: readableTarget }],
]);

/** `after:NAME` for every pass, and the shorthands. */
export const emittedForms: readonly string[] = [
  ...passes.map(({ name }) => `after:${name}`),
  ...shorthands.keys(),
];

/** @throws DiagnosticError where there is no such form */
export function emittedForm(name: string): EmittedForm {
  const pass = passes.find((each) => name === `after:${each.name}`);
  const found = pass ? { after: pass.name, target: defaultTarget } : shorthands.get(name);
  if (found) return found;
  const meant = passes.some((each) => each.name === name) ? `after:${name}` : suggest(name, emittedForms);
  const help = meant === undefined ? `There are ${emittedForms.join(', ')}.` : `Did you mean \`${meant}\`?`;
  return fail('form.unknown', undefined, { name, help });
}

export interface Emitted {
  readonly text: string;
  readonly warnings: readonly Diagnostic[];
}

/** Compiles as far as needed, and prints. `options.target` defaults to the form's. @throws DiagnosticError */
export async function emit(
  source: Source,
  name: string,
  options: CompileOptions = {},
  watch?: Watch,
): Promise<Emitted> {
  const { after, target, print } = emittedForm(name);
  const pass = passes.find((each) => each.name === after);
  const chosen = targetOf(options.target ?? target).name;
  const state = await compileUntil({
    source,
    options: { ...options, target: chosen },
    until: after,
    ...(after === 'products' && {
      place: { name: productName(source, options.model), cache: cacheOf(chosen) },
    }),
    ...(watch && { watch }),
  });
  const text = print ? print(state) : await pass?.form.print(state);
  return { text: text ?? '', warnings: state.diagnostics };
}

/** The training step's backward part. */
function printBackward({ programs, wanted }: CompilerState): string {
  const step = wanted.includes('step') ? programs.get('step')?.graph : undefined;
  if (!step) return '';
  const nodes = step.nodes.filter((node) => node.phase === 'backward');
  return printGraph({ ...step, nodes, outputs: [], updates: [] });
}
