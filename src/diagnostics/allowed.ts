// `// allow(CODE, …): reason` says that a warning is meant. The comment stands behind the line that the warning points to, or on a line of
// its own above it, with no more than other comments in between.
import { codes } from './codes.ts';
import { warningCodes } from './codes-warnings.ts';
import { diagnostic, type Diagnostic } from './diagnostic.ts';
import { positionAt, type Source } from './source.ts';
import { suggest } from './suggest.ts';

/** The diagnostics without the warnings that their sources allow. Errors cannot be allowed. */
export function withoutAllowed(found: readonly Diagnostic[]): Diagnostic[] {
  return found.filter(({ severity, code, span }) => {
    if (severity === 'error' || !span?.source.text.includes('allow(')) return true;
    return !allowedAt(span.source.text, span.start).has(code);
  });
}

/** A warning for each code in an `allow` that no warning has. */
export function unknownAllowances(source: Source): Diagnostic[] {
  if (!source.text.includes('allow(')) return [];
  let start = 0;
  return source.text.split('\n').flatMap((line) => {
    const at = start;
    start += line.length + 1;
    const comment = commentIn(line);
    const unknown = allowancesIn(comment).filter((code) => !Object.hasOwn(warningCodes, code));
    return unknown.map((name) => {
      const from = at + line.length - comment.length;
      const span = {
        source,
        start: from + comment.indexOf(name),
        end: from + comment.indexOf(name) + name.length,
      };
      return diagnostic('allow.unknown', span, { name, help: helpFor(name) });
    });
  });
}

function helpFor(name: string): string {
  if (Object.hasOwn(codes, name)) return 'This is the code of an error, which cannot be allowed.';
  const similar = suggest(name, Object.keys(warningCodes));
  return similar === undefined
    ? 'The code stands in brackets at the start of the warning: `warning[code]`.'
    : `Did you mean \`${similar}\`?`;
}

/** The codes allowed for the line of an offset. */
function allowedAt(text: string, offset: number): ReadonlySet<string> {
  const lines = text.split('\n');
  const { line } = positionAt(text, offset);
  const allowed = new Set(allowancesIn(commentIn(lines[line - 1] ?? '')));
  for (let above = line - 2; lines[above]?.trimStart().startsWith('//'); above--)
    for (const code of allowancesIn(commentIn(lines[above] ?? ''))) allowed.add(code);
  return allowed;
}

/** The codes that a comment, from its `//` on, allows. */
export function allowancesIn(comment: string): readonly string[] {
  const [, listed = ''] = /^\/\/\s*allow\(([^()]*)\)/.exec(comment) ?? [];
  return listed
    .split(',')
    .map((code) => code.trim())
    .filter((code) => code !== '');
}

/** A line's comment, from its `//` on; empty if it has none. */
function commentIn(line: string): string {
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    if (quoted && line[i] === '\\') i++;
    else if (line[i] === '"') quoted = !quoted;
    else if (!quoted && line.startsWith('//', i)) return line.slice(i);
  }
  return '';
}
