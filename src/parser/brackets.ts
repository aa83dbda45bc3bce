// Bracket matching on tokens: where nesting is too deep, and which bracket is unclosed at an error.
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

/** The stack of open brackets; a matching closing bracket also closes everything left open inside of its pair. */
export class BracketStack {
  readonly open: IToken[] = [];

  /** Processes the next token and returns the bracket that it closes. */
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
 * The bracket that is missing its closing `closer` at `offset`. If a brace is closed by one with another indentation, it is that brace;
 * otherwise the outermost unclosed one.
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

/** The white space at the start of the line of `offset`. */
function indentation(text: string, offset: number): number {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  let end = start;
  while (text[end] === ' ' || text[end] === '\t') end++;
  return end - start;
}
