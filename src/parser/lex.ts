// A source's text enters; its tokens and comments leave, each token with its end, and every character that fits nowhere is reported.
import type { IToken } from 'chevrotain';
import { diagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
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
    // The grammar's node locations need the last character; a call's parenthesis is known by where it stands.
    if (token.tokenType === OpenParenthesis && token.startOffset === end) retype(token);
    end = token.startOffset + token.image.length;
    token.endOffset = end - 1;
  }
  const diagnostics = errors.map(({ offset, length }) => {
    const text = source.text.slice(offset, offset + length);
    const span = { source, start: offset, end: offset + length };
    const replacement = plainForms.get(text);
    const found = describeCharacters(text);
    return diagnostic(
      'syntax.character',
      span,
      { found },
      replacement === undefined ? {} : { edit: { span, replacement } },
    );
  });
  return { tokens, comments: groups['comments'] ?? [], diagnostics };
}

/** Reads a parenthesis as the beginning of a call's arguments. */
export function retype(token: IToken, type = CallParenthesis): void {
  token.tokenType = type;
  token.tokenTypeIdx = type.tokenTypeIdx ?? token.tokenTypeIdx;
}

/** What people type or paste for the language's own characters. */
const plainForms = new Map<string, string>(
  Object.entries({
    ...{ '×': '*', '·': '*', '⊙': '*', '÷': '/', '−': '-', '–': '-', '→': '->', '←': '<-' },
    ...{ '≤': '<=', '≥': '>=', '≠': '!=', '…': '...', '²': '^2', '³': '^3', ᵀ: "'" },
    ...{ '‘': "'", '’': "'", '“': '"', '”': '"', '\u00a0': ' ', ';': '' },
    ...{ '&&': 'and', '||': 'or', '!': 'not ', '#': '//' },
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
