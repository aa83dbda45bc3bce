// Converts the parser's errors to diagnostics for people. Consequences of an earlier error are omitted.
import type { IRecognitionException, IToken } from 'chevrotain';
import { diagnostic, type Diagnostic, type DiagnosticOptions } from '../diagnostics/diagnostic.ts';
import type { Source, Span } from '../diagnostics/source.ts';
import { unclosedBracket } from './brackets.ts';
import { argumentValue, closing, inputType, modelItem } from './expectations.ts';
import { abbreviate } from './literals.ts';
import * as tokens from './tokens.ts';

/**
 * The diagnostics of a parse, in the order of the text. An error at the token right after one where an earlier error stopped, or right
 * after an unexpected character, is a consequence.
 */
export function syntaxErrors(
  exceptions: readonly IRecognitionException[],
  list: readonly IToken[],
  characters: readonly Diagnostic[],
  source: Source,
): Diagnostic[] {
  const last = list.at(-1);
  const end = last ? last.startOffset + last.image.length : 0;
  const inOrder = exceptions
    .map((exception) => ({ exception, start: startOf(exception.token, end) }))
    .sort((left, right) => left.start - right.start);
  const found: Diagnostic[] = [];
  let covered = -1;
  let misplacedUntil = -1;
  for (const { exception, start } of inOrder) {
    const { token } = exception;
    const index = tokenIndex(list, start);
    // Tokens skipped in recovery belong to the error that skipped them.
    const skipped = tokenIndex(list, exception.resyncedTokens.at(-1)?.startOffset ?? start);
    const before = list[index - 1];
    const gap = before ? before.startOffset + before.image.length : 0;
    const behindCharacter = characters.some(({ span }) => span && span.start >= gap && span.end <= start);
    const rule = exception.context.ruleStack.at(-1);
    const misplaced = start < misplacedUntil && (rule === 'definition' || rule === 'program');
    if (index > covered && !behindCharacter && !misplaced)
      found.push(report(exception, { source, start, end: start + token.image.length }, list, before));
    // Items that a surplus brace has put outside of their model are parsed as declarations.
    if (rule === 'model') misplacedUntil = nextDeclaration(list, index + 1, source.text);
    covered = Math.max(covered, index + 1, skipped + 1);
  }
  return found;
}

/** The start of the next unindented declaration. */
function nextDeclaration(list: readonly IToken[], from: number, text: string): number {
  const next = list.slice(from).find(({ tokenType, startOffset }) => {
    const declares = tokenType === tokens.Model || tokenType.CATEGORIES?.includes(tokens.DefinitionKeyword);
    return declares && (startOffset === 0 || text[startOffset - 1] === '\n');
  });
  return next?.startOffset ?? Infinity;
}

/** The number of tokens that start before `offset`. */
function tokenIndex(list: readonly IToken[], offset: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.startOffset ?? Infinity) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function startOf(token: IToken, end: number): number {
  return Number.isNaN(token.startOffset) ? end : token.startOffset;
}

function report(
  exception: IRecognitionException,
  span: Span,
  list: readonly IToken[],
  before: IToken | undefined,
): Diagnostic {
  const { message: expected, token } = exception;
  const related = relatedTo(expected, span, list, before);
  const replacement = replacements.get(`${expected} ${token.image}`);
  const found = describe(token, /^a name|^a parameter|names in/.test(expected));
  const edit = replacement !== undefined && { edit: { span, replacement } };
  return diagnostic('syntax.unexpected', span, { expected, found }, { ...related, ...edit });
}

/** What to write instead, by what was expected and found. */
const replacements = new Map([
  [`${argumentValue} :`, ' ='],
  [`${inputType} =`, ':'],
]);

function relatedTo(
  expected: string,
  span: Span,
  list: readonly IToken[],
  before: IToken | undefined,
): DiagnosticOptions {
  const place = ({ startOffset, image }: IToken, message: string) => ({
    related: [
      { span: { source: span.source, start: startOffset, end: startOffset + image.length }, message },
    ],
  });
  if (expected === modelItem && before?.tokenType === tokens.CloseBrace)
    return place(before, 'this ends the block before');
  const closer = /(?:^|or )`([)\]}])` to close/.exec(expected)?.[1];
  const type = [...closing].find((each) => each.LABEL === `\`${closer ?? ''}\``);
  const opener = type && unclosedBracket(list, span.start, type, span.source.text);
  if (!opener) return {};
  return place(opener, expected.startsWith('`,`') ? 'opened here' : `this \`${opener.image}\` is not closed`);
}

function describe(token: IToken, nameExpected: boolean): string {
  if (token.tokenType.name === 'EOF') return 'the end of the file';
  const reserved = nameExpected && tokens.reservedWords.includes(token.tokenType);
  return `${reserved ? 'the reserved word ' : ''}\`${abbreviate(token.image)}\``;
}
