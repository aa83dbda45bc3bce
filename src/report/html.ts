// Type-safe HTML: the literal parts of a template are unescaped, and inserted values are escaped unless they are HTML of this type. Names
// in a report come from files that anybody may have written.
import { printable } from '../diagnostics/printable.ts';

export class Html {
  constructor(readonly text: string) {}
}

export type Insertable = Html | string | number | null | undefined | readonly Insertable[];

export function html(strings: TemplateStringsArray, ...values: readonly Insertable[]): Html {
  return new Html(strings.reduce((text, part, i) => text + insert(values[i - 1]) + part));
}

function insert(value: Insertable): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(insert).join('');
  return escapeHtml(String(value));
}

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Escapes for text and quoted attributes. Invisible and bidirectional characters are shown as codes; line breaks are kept. */
export function escapeHtml(text: string): string {
  const shown = text.split('\n').map((line) => line.split('\t').map(printable).join('\t'));
  return shown.join('\n').replace(/[&<>"']/g, (character) => entities.get(character) ?? character);
}

/** JSON for a script element: without tags and JavaScript line terminators. */
export function scriptJson(value: unknown): Html {
  const text = JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return new Html(text);
}
