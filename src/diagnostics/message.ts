// The sentences of a diagnostic: the templates of its code with the arguments filled in. Arguments may be anybody's text: they are
// filled in once, never read as templates again, and shown printable.
import { codes } from './codes.ts';
import type { Diagnostic } from './diagnostic.ts';
import { printable } from './printable.ts';

export interface DiagnosticText {
  readonly message: string;
  readonly help?: string;
}

export function diagnosticText(diagnostic: Diagnostic): DiagnosticText {
  const row: { readonly message: string; readonly help?: string } = codes[diagnostic.code];
  const values = new Map<string, string | number>(Object.entries(diagnostic.args));
  const help = row.help === undefined ? '' : fill(row.help, values);
  return { message: fill(row.message, values), ...(help !== '' && { help }) };
}

function fill(template: string, values: ReadonlyMap<string, string | number>): string {
  return template.replace(/\{([A-Za-z][A-Za-z0-9]*)\}/g, (placeholder, name: string) => {
    const value = values.get(name);
    // Lines of a longer explanation stay lines.
    return value === undefined ? placeholder : String(value).split('\n').map(printable).join('\n');
  });
}
