// `H // 2]`: a division of Python is a comment here, which hides the end of what it stands in.
import type { IToken } from 'chevrotain';
import { diagnostic, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Source } from '../../diagnostics/source.ts';
import { BracketStack } from '../brackets.ts';
import { retype } from '../lex.ts';
import * as tokens from '../tokens.ts';
import { endOf, made } from './site.ts';

export interface Divided {
  readonly tokens: readonly IToken[];
  readonly diagnostics: readonly Diagnostic[];
}

/** An operand, and then a bracket that is closed. */
const divides = /^\/\/\s*[\w.]+\s*(?:[-+*/]\s*[\w.]+\s*)*[\])]/;

/** Reads comments that hide a closing bracket as divisions, where brackets are left open. */
export function withDivisions(list: readonly IToken[], comments: readonly IToken[], source: Source): Divided {
  const suspects = comments.filter(({ image }) => divides.test(image));
  if (suspects.length === 0 || isBalanced(list)) return { tokens: list, diagnostics: [] };
  const diagnostics: Diagnostic[] = [];
  const mended: IToken[] = [];
  let next = 0;
  for (const token of list) {
    for (; (suspects[next]?.startOffset ?? Infinity) < token.startOffset; next++) take(suspects[next]);
    mended.push(token);
  }
  for (; next < suspects.length; next++) take(suspects[next]);
  return { tokens: mended, diagnostics };

  function take(comment: IToken | undefined): void {
    const before = mended.at(-1);
    if (!comment || !before || !tokens.endsOperand(before.tokenType)) return;
    const start = comment.startOffset;
    if (divide) mended.push(made(divide, '/', start, start + 2));
    mended.push(...shifted(comment.image.slice(2), start + 2));
    const span = { source, start, end: start + 2 };
    diagnostics.push(
      diagnostic('habit.division', span, { found: '`//`' }, { edit: { span, replacement: '/' } }),
    );
  }
}

const divide = tokens.allTokens.find(({ PATTERN }) => PATTERN === '/');

/** Whether every bracket is closed by one of its own. */
function isBalanced(list: readonly IToken[]): boolean {
  const stack = new BracketStack();
  for (const token of list) {
    const before = stack.open.length;
    stack.take(token);
    if (before - stack.open.length > 1) return false;
  }
  return stack.open.length === 0;
}

/** The tokens of a text that begins at an offset of the source. */
function shifted(text: string, offset: number): IToken[] {
  const found = tokens.sourceLexer().tokenize(text).tokens;
  let end = -1;
  return found.map((token) => {
    if (token.tokenType === tokens.OpenParenthesis && token.startOffset === end) retype(token);
    end = endOf({ ...token, endOffset: token.startOffset + token.image.length - 1 });
    return made(token.tokenType, token.image, token.startOffset + offset, end + offset);
  });
}
