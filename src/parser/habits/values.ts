// Values as other languages write them: pairs in parentheses, parts by an index, choices, divisions that leave no rest.
import type { IToken, TokenType } from 'chevrotain';
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import { retype } from '../lex.ts';
import * as tokens from '../tokens.ts';
import { endOf, made, onOneLine, quote, spanOf, textOf, touches, type Rule, type Site } from './site.ts';

const opensList = new Set<TokenType | undefined>([
  ...[tokens.Equals, tokens.Comma, tokens.OpenBracket, tokens.OpenParenthesis, tokens.CallParenthesis],
]);

/** `kernel = (3, 3)`: parentheses with a comma, behind what no call can be. */
export const pair: Rule = (site) => {
  const { token, list, index, partners, places, before } = site;
  const closer = partners.get(token);
  const last = closer === undefined ? undefined : list[closer];
  const declares = places.outer === 'top' && places.head?.tokenType !== tokens.Const;
  if (!last || closer === undefined || declares || !opensList.has(before.at(-1)?.tokenType)) return undefined;
  // `let (a, b) = …`
  if (list[closer + 1]?.tokenType === tokens.Equals) return undefined;
  if (!hasComma(site, index + 1, closer)) return undefined;
  const span = spanOf(site, token, last);
  const text = textOf(span);
  const replacement = `[${text.slice(1, -1).replace(/,\s*$/, '')}]`;
  const args = { found: quote(text), what: 'a list', help: `A list stands in brackets: \`${replacement}\`.` };
  retype(last, tokens.CloseBracket);
  return {
    length: 1,
    tokens: [made(tokens.OpenBracket, '[', token.startOffset, endOf(token))],
    found: diagnostic('habit.brackets', span, args, { edit: { span, replacement } }),
  };
};

/** A value of more tokens than this is not looked through. */
const longest = 200;

/** Whether a comma stands between two tokens, outside of brackets between them. */
function hasComma({ list, partners }: Site, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const token = list[at];
    if (token?.tokenType === tokens.Comma) return true;
    at = (token && partners.get(token)) ?? at;
  }
  return false;
}

/** `x[0]`, `x[1:3]` in an expression. */
export const index: Rule = (site) => {
  const { token, list, index: start, partners, before } = site;
  const value = before.at(-1);
  const closer = partners.get(token);
  const last = closer === undefined ? undefined : list[closer];
  if (!last || closer === undefined || value?.tokenType !== tokens.Identifier || !touches(value, token))
    return undefined;
  if (before.at(-2)?.tokenType === tokens.Colon) return undefined;
  const span = spanOf(site, value, last);
  const inner = site.source.text.slice(endOf(token), last.startOffset).replace(/\s/g, '');
  const [, from, , to] = /^(\d+)(:(\d+))?$/.exec(inner) ?? [];
  const end = to ?? (from === undefined ? undefined : String(Number(from) + 1));
  const written = `slice(${value.image}, axis = 0, start = ${from ?? '…'}, end = ${end ?? '…'})`;
  const edit = end === undefined ? {} : { edit: { span, replacement: written } };
  return {
    length: closer - start + 1,
    tokens: [],
    found: diagnostic('habit.index', span, { found: quote(textOf(span)), example: `\`${written}\`` }, edit),
  };
};

/** `a if condition else b`, where `if … {` would begin a statement. */
export const choice: Rule = (site) => {
  const { list, index: at, token, before } = site;
  const value = before.at(-1);
  if (!value || !tokens.endsOperand(value.tokenType) || !onOneLine(site, value, token)) return undefined;
  const other = partBefore(site, at + 1, [tokens.Else]);
  if (other === undefined) return undefined;
  const end = partBefore(site, other + 1, [tokens.Comma]) ?? endOfPart(site, other + 1);
  const last = list[end - 1];
  const start = startOfPart(site);
  const otherwise = list[other];
  if (!start || !last || !otherwise || end <= other + 1) return undefined;
  return chosen(site, { start, condition: token, otherwise, last, length: end - at }, false);
};

/** `condition ? a : b` */
export const question: Rule = (site) => {
  const { list, index: at, token, before } = site;
  if (token.image !== '?') return undefined;
  const value = before.at(-1);
  const isOperand = value && tokens.endsOperand(value.tokenType) && onOneLine(site, value, token);
  const other = isOperand ? partBefore(site, at + 1, [tokens.Colon]) : undefined;
  const otherwise = other === undefined ? undefined : list[other];
  // Elsewhere it is a name that nothing has.
  if (other === undefined || !otherwise) return unknown(site);
  const end = partBefore(site, other + 1, [tokens.Comma]) ?? endOfPart(site, other + 1);
  const last = list[end - 1];
  const start = startOfPart(site);
  if (!start || !last || end <= other + 1) return unknown(site);
  return chosen(site, { start, condition: token, otherwise, last, length: end - at }, true);
};

function unknown(site: Site): ReturnType<Rule> {
  const { token } = site;
  const span = spanOf(site, token);
  return {
    length: 1,
    tokens: [made(tokens.Identifier, token.image, token.startOffset, endOf(token))],
    found: diagnostic('syntax.character', span, { found: '`?`' }),
  };
}

interface Choice {
  readonly start: IToken;
  /** What stands between the first and the second part. */
  readonly condition: IToken;
  readonly otherwise: IToken;
  readonly last: IToken;
  readonly length: number;
}

function chosen(
  site: Site,
  { start, condition, otherwise, last, length }: Choice,
  conditionFirst: boolean,
): ReturnType<Rule> {
  const { text } = site.source;
  const span = spanOf(site, start, last);
  const parts = [
    text.slice(span.start, condition.startOffset),
    text.slice(endOf(condition), otherwise.startOffset),
    text.slice(endOf(otherwise), span.end),
  ].map((part) => part.trim());
  const [first = '', second = '', third = ''] = parts;
  const replacement = conditionFirst
    ? `where(${first}, ${second}, ${third})`
    : `where(${second}, ${first}, ${third})`;
  const args = { found: quote(textOf(span)), example: `\`${replacement}\`` };
  return {
    length,
    tokens: [],
    found: diagnostic('habit.choice', span, args, { edit: { span, replacement } }),
  };
}

/** The next token of one of these types on this line, outside of brackets, and not behind a brace. */
function partBefore(site: Site, from: number, types: readonly TokenType[]): number | undefined {
  const { list, partners } = site;
  for (let at = from; at < Math.min(list.length, from + longest); at++) {
    const token = list[at];
    if (!token || !onOneLine(site, list[at - 1], token) || token.tokenType === tokens.OpenBrace)
      return undefined;
    if (types.includes(token.tokenType)) return at;
    if (closers.has(token.tokenType)) return undefined;
    at = partners.get(token) ?? at;
  }
  return undefined;
}

const closers = new Set<TokenType>([tokens.CloseParenthesis, tokens.CloseBracket, tokens.CloseBrace]);

/** Where an expression ends at the latest: at a closing bracket, or with its line. */
function endOfPart(site: Site, from: number): number {
  const { list, partners } = site;
  let at = from;
  for (; at < Math.min(list.length, from + longest); at++) {
    const token = list[at];
    if (!token || closers.has(token.tokenType) || (at > from && !onOneLine(site, list[at - 1], token))) break;
    at = partners.get(token) ?? at;
  }
  return at;
}

const openers = new Set<TokenType>([
  tokens.OpenParenthesis,
  tokens.CallParenthesis,
  tokens.OpenBracket,
  tokens.OpenBrace,
]);
const partStarts = new Set<TokenType>([tokens.Equals, tokens.Comma, tokens.Return, tokens.Update]);

/** The first token of the expression that ends here. */
function startOfPart({ before }: Site): IToken | undefined {
  let depth = 0;
  for (let at = before.length - 1; at >= Math.max(0, before.length - longest); at--) {
    const token = before[at];
    if (!token) return undefined;
    if (closers.has(token.tokenType)) depth += 1;
    else if (openers.has(token.tokenType)) depth -= 1;
    if (depth < 0 || (depth === 0 && partStarts.has(token.tokenType))) return before[at + 1];
  }
  return undefined;
}
