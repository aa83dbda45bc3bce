// Suggests a known name for an unknown one, as a sentence and as an edit.
import type { Edit } from '../diagnostics/diagnostic.ts';
import type { Span } from '../diagnostics/source.ts';
import { foreignName } from '../diagnostics/foreign-names.ts';
import { editDistance, suggest } from '../diagnostics/suggest.ts';

/** The candidate that was probably meant. */
export function meant(name: string, candidates: Iterable<string>): string | undefined {
  const [initial] = name;
  const known = [...new Set(candidates)];
  const other = foreignName(name, known);
  if (other !== undefined) return other;
  // Of two equally near, the one with the same case of its first letter: `sigmod` is `sigmoid`, `Sigmod` is `Sigmoid`.
  const sameCase = known.filter((candidate) => candidate[0] === initial);
  const found = suggest(name, [...sameCase, ...known]);
  if (found === undefined) return undefined;
  const plain = (text: string) => text.toLowerCase().replaceAll('_', '');
  const slips = Math.max(1, Math.floor(name.length / 3));
  return editDistance(plain(name), plain(found), slips) <= slips ? found : undefined;
}

/** A help line and an edit: the suggested name, or else `otherwise`. */
export function meantInstead(
  name: string,
  span: Span,
  candidates: Iterable<string>,
  otherwise = '',
): { readonly help: string; readonly options: { readonly edit?: Edit } } {
  const replacement = meant(name, candidates);
  if (replacement === undefined) return { help: otherwise, options: {} };
  return { help: `Did you mean \`${replacement}\`?`, options: { edit: { span, replacement } } };
}
