// Prints the warnings of a compilation on stderr.
import type { Compilation } from '../driver/compilation.ts';
import { renderDiagnostic } from '../diagnostics/render.ts';
import type { Streams } from './streams.ts';

export function noteWarnings({ diagnostics }: Compilation, { note, color }: Streams): void {
  for (const found of diagnostics) note(renderDiagnostic(found, { color }));
}
