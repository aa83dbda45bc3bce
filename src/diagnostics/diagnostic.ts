// A diagnostic is data: a code of the table in codes.ts, the values its template shows, and the places involved.
// Rendering is apart (render.ts). `throw` is for the compiler's own faults only, with one exception: a stage that
// cannot go on throws DiagnosticError, which compile.ts turns back into a list.
import type { DiagnosticCode, DiagnosticArguments } from './codes.ts';
import { warningCodes } from './codes-warnings.ts';
import type { Span } from './source.ts';

export type Severity = 'error' | 'warning';

/** Another place that matters, with what is to be said of it. */
export interface Related {
  readonly span: Span;
  readonly message: string;
}

/** A replacement that would mend the source. */
export interface Edit {
  readonly span: Span;
  readonly replacement: string;
}

export interface Diagnostic<K extends DiagnosticCode = DiagnosticCode> {
  readonly code: K;
  readonly severity: Severity;
  /** Absent only where no text is at fault (a missing file, a bad option). */
  readonly span?: Span;
  readonly args: DiagnosticArguments[K];
  readonly related: readonly Related[];
  readonly edit?: Edit;
}

export interface DiagnosticOptions {
  readonly related?: readonly Related[];
  readonly edit?: Edit;
}

/** Makes an error or a warning of the table's row `code`. */
export function diagnostic<K extends DiagnosticCode>(
  code: K,
  span: Span | undefined,
  args: DiagnosticArguments[K],
  options: DiagnosticOptions = {},
): Diagnostic<K> {
  return {
    code,
    severity: Object.hasOwn(warningCodes, code) ? 'warning' : 'error',
    ...(span && { span }),
    args,
    related: options.related ?? [],
    ...(options.edit && { edit: options.edit }),
  };
}

/** Bad input that a stage cannot work past. Every command prints its diagnostics and exits with 2. */
export class DiagnosticError extends Error {
  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => d.code).join(', '));
    this.name = 'DiagnosticError';
  }
}

/** Throws one diagnostic. */
export function fail<K extends DiagnosticCode>(
  code: K,
  span: Span | undefined,
  args: DiagnosticArguments[K],
  options: DiagnosticOptions = {},
): never {
  throw new DiagnosticError([diagnostic(code, span, args, options)]);
}
