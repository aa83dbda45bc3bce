// The standard library: the `.nn` files of src/std, merged into one module visible in all files.
import { diagnostic, DiagnosticError, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import { assemble, loadModule } from './modules.ts';
import type { Module } from './module.ts';

/** Builds the library's module from its sources; an error in it is a bug of the compiler. */
export function buildLibrary(sources: readonly Source[]): Module {
  const diagnostics: Diagnostic[] = [];
  const noImports = () =>
    diagnostic('import.missing', undefined, { path: 'std', reason: 'the library has no imports' });
  const parts = sources.map((source) => loadModule(source, noImports, undefined, diagnostics));
  const [first] = parts;
  if (!first) throw new Error('the standard library is empty');
  const program = {
    ...first.program,
    imports: [],
    declarations: parts.flatMap((part) => part.program.declarations),
  };
  const noneImported = { imported: new Map(), missing: new Set<string>(), incomplete: false };
  const library = assemble({ source: first.source, program }, noneImported, undefined, diagnostics);
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  return library;
}
