// Repairs tokens before parsing: a misspelt word, a missing `let` or comma, a space before a call's parenthesis. Each is reported and
// corrected, so that the parser reads what was meant and finds further errors. Invariant: only tokens that could not be parsed are
// changed; a correct text is unchanged.
import type { IToken, TokenType } from 'chevrotain';
import { diagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import { suggest } from '../diagnostics/suggest.ts';
import { foreignName } from '../diagnostics/foreign-names.ts';
import { endOf } from './habits/site.ts';
import { retype } from './lex.ts';
import { abbreviate } from './literals.ts';
import { endsStatement, Places } from './places.ts';
import * as tokens from './tokens.ts';

type StatementPlace = 'top' | 'model' | 'block';

export interface Mended {
  readonly tokens: IToken[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The words allowed at a place, by what follows the misspelt one. */
const definitions = [
  'layer',
  'loss',
  'optimizer',
  'schedule',
  'clip',
  'initializer',
  'metric',
  'function',
  'model',
];
const meant = {
  top: {
    brace: ['import'],
    colon: [],
    equals: ['const', ...definitions],
    block: definitions,
    name: definitions,
  },
  model: {
    brace: ['net', 'train'],
    colon: ['input', 'target', 'param', 'buffer', 'const'],
    equals: ['let', 'const', 'output'],
    block: [],
    name: ['loss', 'optimizer', 'schedule', 'clip', 'data', 'metrics', 'output'],
  },
  block: {
    brace: ['residual', 'else'],
    colon: ['param', 'buffer', 'const', 'state'],
    equals: ['let', 'const', 'state'],
    block: ['repeat', 'if', 'parallel'],
    name: [],
  },
} as const;

const keywords = new Map(
  [...tokens.contextualWords, ...tokens.reservedWords].map((type) => [String(type.PATTERN), type]),
);

export function mend(list: readonly IToken[], source: Source): Mended {
  const found: Diagnostic[] = [];
  const mended: IToken[] = [];
  const places = new Places();
  let lineStart = 0;
  for (const [index, token] of list.entries()) {
    const { place } = places;
    const type = token.tokenType;
    if (type === tokens.Identifier && (place === 'top' || place === 'model' || place === 'block')) {
      mendWord(list, index, place, source, found);
      if (place !== 'top' && lacksLet(list, index)) mended.push(insertLet(token, source, found));
    }
    const itemType = tokens.itemTypes.get(type);
    if (place === 'model' && itemType) retype(token, itemType);
    const before = list[index - 1];
    // A bracket opened earlier may be unclosed.
    const end = before ? endOf(before) : 0;
    if (/[\r\n]/.test(source.text.slice(end, token.startOffset))) lineStart = token.startOffset;
    const onOneLine = place !== 'brackets' || (places.opener?.startOffset ?? 0) >= lineStart;
    if (type === tokens.OpenParenthesis && place !== 'top' && onOneLine) mendCall(list, index, source, found);
    if (place === 'brackets' && onOneLine && before && lacksComma(before, token))
      mended.push(insertComma(before, token, source, found));
    mended.push(token);
    places.take(token);
  }
  return { tokens: mended, diagnostics: found };
}

function mendWord(
  list: readonly IToken[],
  index: number,
  place: StatementPlace,
  source: Source,
  found: Diagnostic[],
): void {
  const token = list[index];
  const next = list[index + 1];
  if (!token || !next || !endsStatement(list[index - 1])) return;
  const words = wordsBefore(next, list[index + 2], place);
  const word = foreignName(token.image, words) ?? suggest(token.image, words);
  const type = word === undefined ? undefined : keywords.get(word);
  if (word === undefined || !type) return;
  const span = { source, start: token.startOffset, end: token.startOffset + token.image.length };
  const edit = { span, replacement: word };
  found.push(
    diagnostic('syntax.keyword', span, { found: `\`${abbreviate(token.image)}\``, meant: word }, { edit }),
  );
  retype(token, type);
}

/** The words that can precede the following tokens. */
function wordsBefore(next: IToken, afterNext: IToken | undefined, place: StatementPlace): readonly string[] {
  const words = meant[place];
  if (next.tokenType === tokens.OpenBrace) return words.brace;
  if (place === 'top' && next.tokenType === tokens.StringToken) return ['import'];
  const named = tokens.isName(next.tokenType);
  if (afterNext?.tokenType === tokens.OpenBrace && (named || next.tokenType === tokens.NumberToken))
    return words.block;
  if (!named) return [];
  if (place === 'block' && afterNext?.tokenType === tokens.Along) return ['scan'];
  if (afterNext?.tokenType === tokens.Colon) return words.colon;
  return afterNext?.tokenType === tokens.Equals ? words.equals : words.name;
}

function mendCall(list: readonly IToken[], index: number, source: Source, found: Diagnostic[]): void {
  const token = list[index];
  const callee = list[index - 1];
  if (!token || !callee || !isCallable(list, index - 1)) return;
  const start = endOf(callee);
  if (!/^[ \t]+$/.test(source.text.slice(start, token.startOffset))) return;
  const edit = { span: { source, start, end: token.startOffset }, replacement: '' };
  const span = { source, start: token.startOffset, end: token.startOffset + 1 };
  found.push(diagnostic('syntax.call-space', span, { callee: `\`${abbreviate(callee.image)}\`` }, { edit }));
  retype(token);
}

function isCallable(list: readonly IToken[], index: number): boolean {
  const type = list[index]?.tokenType;
  if (type === tokens.CloseParenthesis || type === tokens.Transpose) return true;
  const before = list[index - 1]?.tokenType;
  return type === tokens.Identifier && !before?.CATEGORIES?.includes(tokens.DefinitionKeyword);
}

/** `y = f(x)` at the start of a statement. */
function lacksLet(list: readonly IToken[], index: number): boolean {
  return list[index + 1]?.tokenType === tokens.Equals && endsStatement(list[index - 1]);
}

function insertLet(name: IToken, source: Source, found: Diagnostic[]): IToken {
  const span = { source, start: name.startOffset, end: name.startOffset + name.image.length };
  const edit = { span: { ...span, end: span.start }, replacement: 'let ' };
  found.push(diagnostic('syntax.let', span, { name: abbreviate(name.image) }, { edit }));
  return virtualToken(tokens.Let, name.startOffset);
}

/** Two adjacent values in brackets. */
function lacksComma(before: IToken, token: IToken): boolean {
  const begins = beginsValue.has(token.tokenType) || tokens.isName(token.tokenType);
  return begins && (endsValue.has(before.tokenType) || tokens.isName(before.tokenType));
}

const beginsValue = new Set<TokenType>([
  ...[tokens.NumberToken, tokens.StringToken, tokens.True, tokens.False, tokens.None],
]);
const endsValue = new Set<TokenType>([
  ...[...beginsValue, tokens.CloseParenthesis, tokens.CloseBracket, tokens.Transpose],
]);

function insertComma(before: IToken, token: IToken, source: Source, found: Diagnostic[]): IToken {
  const end = endOf(before);
  const span = { source, start: token.startOffset, end: token.startOffset + token.image.length };
  const edit = { span: { source, start: end, end }, replacement: ',' };
  const args = { expected: '`,`', found: `\`${abbreviate(token.image)}\`` };
  found.push(diagnostic('syntax.unexpected', span, args, { edit }));
  return virtualToken(tokens.Comma, end);
}

function virtualToken(type: TokenType, at: number): IToken {
  return {
    image: '',
    startOffset: at,
    endOffset: at - 1,
    tokenType: type,
    tokenTypeIdx: type.tokenTypeIdx ?? 0,
  };
}
