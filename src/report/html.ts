// HTML that is safe by its type: a template's text stands as it is written, and whatever is put into it is escaped unless it is such
// HTML itself. Names in a report come from files that anybody may have written.
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

/** For text and for attributes in quotes. What would hide or reorder text is shown by its code; lines stay lines. */
export function escapeHtml(text: string): string {
  const shown = text.split('\n').map((line) => line.split('\t').map(printable).join('\t'));
  return shown.join('\n').replace(/[&<>"']/g, (character) => entities.get(character) ?? character);
}

/** JSON that may stand in a script element: no tag and no line end of JavaScript's can be in it. */
export function scriptJson(value: unknown): Html {
  const text = JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return new Html(text);
}
