// Formats a source canonically: two-space indentation, normalized spaces, neighboring lines aligned in columns. The writer's line breaks
// are kept where they improve readability. Invariants: the same tokens and comments, in the same order; formatting is idempotent.
import { DiagnosticError } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import { alignLines } from './format/align.ts';
import { findPieces } from './format/gaps.ts';
import { layOut } from './format/lines.ts';
import { findRoles } from './format/roles.ts';
import { parseConcrete } from './parse.ts';

/** The canonical layout. The errors of an invalid text are thrown as a DiagnosticError. */
export function format(source: Source): string {
  const { tree, tokens, comments, diagnostics } = parseConcrete(source);
  if (!tree || diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  const last = tokens.at(-1)?.startOffset ?? 0;
  const inside = comments.filter((comment) => comment.startOffset < last);
  const pieces = findPieces(tokens, inside, source.text, findRoles(tree));
  return alignLines(layOut(pieces, comments.slice(inside.length), source.text));
}
