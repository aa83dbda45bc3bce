// The help line under a name that is not known.
import { suggest } from '../diagnostics/suggest.ts';

/** The name that was probably meant (a slip away, or the only one that goes on as this one begins), or else `otherwise`. */
export function helpWith(name: string, known: readonly string[], otherwise: string): string {
  const longer = known.filter((candidate) => candidate.startsWith(name) && candidate !== name);
  const found = suggest(name, known) ?? (longer.length === 1 ? longer[0] : undefined);
  return found === undefined ? otherwise : `Did you mean \`${found}\`?`;
}
