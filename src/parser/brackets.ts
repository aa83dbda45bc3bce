// What the brackets among the tokens say: where they nest too deep, and which one an error left open.
import type { IToken, TokenType } from 'chevrotain';
import {
  CloseBrace,
  CloseBracket,
  CloseParenthesis,
  CallParenthesis,
  OpenBrace,
  OpenBracket,
  OpenParenthesis,
} from './tokens.ts';

const closerOf = new Map<TokenType, TokenType>([
  [OpenParenthesis, CloseParenthesis],
  [CallParenthesis, CloseParenthesis],
  [OpenBracket, CloseBracket],
  [OpenBrace, CloseBrace],
]);
const closers = new Set(closerOf.values());

/** The brackets open after each token; a closing bracket that fits closes everything left open inside of its pair. */
export class BracketStack {
  readonly open: IToken[] = [];

  /** Takes the next token in and gives the bracket that it closes. */
  take(token: IToken): IToken | undefined {
    const type = token.tokenType;
    if (closerOf.has(type)) this.open.push(token);
    if (!closers.has(type)) return undefined;
    const index = this.open.findLastIndex((opener) => closerOf.get(opener.tokenType) === type);
    if (index < 0) return undefined;
    const opener = this.open[index];
    this.open.length = index;
    return opener;
  }
}

/** The first bracket nested deeper than `limit`. */
export function bracketTooDeep(tokens: readonly IToken[], limit: number): IToken | undefined {
  const stack = new BracketStack();
  for (const token of tokens) {
    stack.take(token);
    if (stack.open.length > limit) return token;
  }
  return undefined;
}

/**
 * The bracket that lacks the closing one `closer` at `offset`. Where a brace is closed by one that is indented otherwise, it is
 * that one rather than the outermost, which merely came off worst.
 */
export function unclosedBracket(
  tokens: readonly IToken[],
  offset: number,
  closer: TokenType,
  text: string,
): IToken | undefined {
  const stack = new BracketStack();
  let suspect: IToken | undefined;
  for (const token of tokens) {
    if (token.startOffset >= offset) break;
    const opener = stack.take(token);
    if (opener?.tokenType !== OpenBrace || suspect) continue;
    const own = indentation(text, token.startOffset);
    const beginsLine = text.lastIndexOf('\n', token.startOffset) + 1 + own === token.startOffset;
    if (beginsLine && own < indentation(text, opener.startOffset)) suspect = opener;
  }
  if (suspect && closer === CloseBrace) return suspect;
  return stack.open.findLast((opener) => closerOf.get(opener.tokenType) === closer);
}

/** The white space at the beginning of the line of `offset`. */
function indentation(text: string, offset: number): number {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  let end = start;
  while (text[end] === ' ' || text[end] === '\t') end++;
  return end - start;
}
