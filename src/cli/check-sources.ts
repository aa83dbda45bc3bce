// What `nnc check` does with each file: every model of it is elaborated, nothing is generated. All findings are shown, those of
// several models once.
import { compile, type CompileOptions } from '../compile.ts';
import { DiagnosticError, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { printable } from '../diagnostics/printable.ts';
import { renderDiagnostics } from '../diagnostics/render.ts';
import type { Source } from '../diagnostics/source.ts';
import type { Streams } from './streams.ts';

type CheckOptions = Pick<CompileOptions, 'batch' | 'overrides'>;

/** Gives the number of errors in all files. */
export function checkSources(sources: readonly Source[], options: CheckOptions, streams: Streams): number {
  let total = 0;
  for (const source of sources) {
    const found = checkSource(source, options);
    const errors = found.filter(({ severity }) => severity === 'error').length;
    total += errors;
    if (found.length > 0) streams.note(`${renderDiagnostics(found, { color: streams.color })}\n`);
    if (errors === 0) streams.result(`${printable(source.path)}: no mistakes`);
  }
  if (total > 0) streams.note(total === 1 ? '1 error' : `${total} errors`);
  return total;
}

function checkSource(source: Source, options: CheckOptions): readonly Diagnostic[] {
  const whole = findings(source, options);
  const [only] = whole;
  // a file of layers alone is checked as far as it goes without a use of them
  if (whole.length === 1 && only?.code === 'model.none') return [];
  if (whole.length !== 1 || only?.code !== 'model.several') return whole;
  const { known } = only.args as { readonly known: string };
  const all = known.split(', ').flatMap((model) => findings(source, { ...options, model }));
  return [...new Map(all.map((found) => [identity(found), found])).values()];
}

function findings(source: Source, options: CompileOptions): readonly Diagnostic[] {
  try {
    return compile(source, { ...options, programs: [] }).diagnostics;
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
}

function identity({ code, span, args }: Diagnostic): string {
  return JSON.stringify([code, span?.source.path, span?.start, span?.end, args]);
}
