// Splits a source into tokens, each with its end, and comments; reports every invalid character.
import type { ILexingError, IToken } from 'chevrotain';
import { diagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import { errorLimit } from './expectations.ts';
import { CallParenthesis, OpenParenthesis, sourceLexer } from './tokens.ts';

export interface Lexed {
  readonly tokens: IToken[];
  readonly comments: readonly IToken[];
  readonly diagnostics: readonly Diagnostic[];
}

export function lex(source: Source): Lexed {
  const { tokens, groups, errors } = sourceLexer().tokenize(source.text);
  let end = -1;
  for (const token of tokens) {
    // The grammar's node locations need the last character; a call's parenthesis is recognized by its position.
    if (token.tokenType === OpenParenthesis && token.startOffset === end) retype(token);
    end = token.startOffset + token.image.length;
    token.endOffset = end - 1;
  }
  const comments = groups['comments'] ?? [];
  const hashes = errors.filter(({ offset }) => source.text[offset] === '#');
  if (hashes.length === 0)
    return { tokens, comments, diagnostics: errors.map((error) => report(error, source)) };
  // A line of a Python comment is one error, not one per word.
  const skipped = lineRests(hashes, source.text);
  const isRead = (offset: number) => !skipped.some(({ start, end: stop }) => start < offset && offset < stop);
  return {
    tokens: tokens.filter((token) => isRead(token.startOffset)),
    comments: comments.filter((comment) => isRead(comment.startOffset)),
    diagnostics: errors.filter(({ offset }) => isRead(offset)).map((error) => report(error, source)),
  };
}

/** From each of some characters to the end of its line; at most as many as can be reported. */
function lineRests(
  errors: readonly ILexingError[],
  text: string,
): { readonly start: number; readonly end: number }[] {
  const rests: { readonly start: number; readonly end: number }[] = [];
  for (const { offset } of errors) {
    if (offset < (rests.at(-1)?.end ?? 0)) continue;
    const feed = text.indexOf('\n', offset);
    rests.push({ start: offset, end: feed < 0 ? text.length : feed });
    if (rests.length === errorLimit) break;
  }
  return rests;
}

function report({ offset, length }: ILexingError, source: Source): Diagnostic {
  const all = source.text.slice(offset, offset + length);
  const text = /^#+/.exec(all)?.[0] ?? all;
  const span = { source, start: offset, end: offset + text.length };
  const replacement = plainForms.get(text.startsWith('#') ? '#' : text);
  const edit = replacement === undefined ? {} : { edit: { span, replacement } };
  return diagnostic('syntax.character', span, { found: describeCharacters(text) }, edit);
}

/** Changes a parenthesis into the start of a call's arguments. */
export function retype(token: IToken, type = CallParenthesis): void {
  token.tokenType = type;
  token.tokenTypeIdx = type.tokenTypeIdx ?? token.tokenTypeIdx;
}

/** Characters that people type or paste in place of the language's own; signs of other languages are tokens, which habits/signs.ts reads. */
const plainForms = new Map<string, string>(
  Object.entries({
    ...{ '…': '...', '²': '^2', '³': '^3', ᵀ: "'", '#': '//' },
    ...{ '‘': "'", '’': "'", '“': '"', '”': '"', '\u00a0': ' ' },
  }),
);

function describeCharacters(text: string): string {
  const characters = [...text];
  const shown = characters.slice(0, 8).join('');
  const rest = characters.length > 8 ? '…' : '';
  const [only] = characters;
  const code = only?.codePointAt(0) ?? 0;
  const plain = characters.length > 1 || (code > 0x20 && code < 0x7f);
  return plain
    ? `\`${shown}${rest}\``
    : `\`${shown}\` (U+${code.toString(16).toUpperCase().padStart(4, '0')})`;
}
