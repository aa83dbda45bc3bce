// The help line for an unknown name.
import { suggest } from '../diagnostics/suggest.ts';

/** Suggests the probable name (one typo away, or the only one with this prefix), or else `otherwise`. */
export function helpWith(name: string, known: readonly string[], otherwise: string): string {
  const longer = known.filter((candidate) => candidate.startsWith(name) && candidate !== name);
  const found = suggest(name, known) ?? (longer.length === 1 ? longer[0] : undefined);
  return found === undefined ? otherwise : `Did you mean \`${found}\`?`;
}
