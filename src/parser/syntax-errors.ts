// What the parser could not read enters; diagnostics for people leave. Chevrotain's messages are replaced by what was expected in
// the grammar's own words, and an error that only follows from the one before it is left out.
import type { IParserErrorMessageProvider, IRecognitionException, IToken, TokenType } from 'chevrotain';
import { diagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source, Span } from '../diagnostics/source.ts';
import { unclosedBracket } from './brackets.ts';
import { abbreviate } from './literals.ts';
import * as tokens from './tokens.ts';

/** More errors than anybody reads: the parser stops. */
export const errorLimit = 20;

/** Thrown by the messages' provider to leave the parser; the errors found so far are kept. */
export class TooManyErrors extends Error {}

/** Gives every exception the text of what was expected as its message. */
export function expectations(): IParserErrorMessageProvider & { reset(): void } {
  let count = 0;
  const counted = (expected: string): string => {
    // Some errors are dropped as consequences of others, so the parser may go on for a while past the limit.
    if (++count > 4 * errorLimit) throw new TooManyErrors();
    return expected;
  };
  return {
    reset: () => (count = 0),
    buildMismatchTokenMessage: ({ expected, actual, ruleName }) =>
      counted(expectedToken(expected, actual, ruleName)),
    buildNoViableAltMessage: ({ ruleName }) => counted(alternatives.get(ruleName) ?? 'something else'),
    buildNotAllInputParsedMessage: () => counted(declaration),
    buildEarlyExitMessage: () => counted('`{` and a branch'),
  };
}

const declaration = 'a declaration, such as `layer` or `model`';

const alternatives = new Map([
  ['program', declaration],
  ['definition', '`{` or `=` and what it computes'],
  ['type', 'a type, such as `int` or `[C, H, W]`'],
  ['dimension', 'a dimension'],
  ['modelItem', 'an item of the model, such as `input` or `net`'],
  ['statement', 'a statement'],
  ['binding', 'a name, or names in parentheses'],
  ['operand', 'an expression'],
]);

const purposes = new Map([
  ['callArguments', 'to close the argument list'],
  ['parameters', 'to close the list of parameters'],
  ['namedType', 'to close the argument list'],
  ['parenthesised', 'to close the parenthesis'],
  ['binding', 'to close the list of names'],
  ['list', 'to close the list'],
  ['shape', 'to close the shape'],
  ['block', 'to close the block'],
  ['definitionBody', 'to close the body'],
  ['model', 'to close the model'],
  ['trainItem', 'to close `train`'],
  ['importDeclaration', 'to close the list of names'],
]);

const separated = new Set([
  'callArguments',
  'parameters',
  'namedType',
  'binding',
  'list',
  'shape',
  'importDeclaration',
]);
const closing = new Set<TokenType>([tokens.CloseParenthesis, tokens.CloseBracket, tokens.CloseBrace]);

const particular = new Map([
  ['definition Name', 'a name for it'],
  ['model Name', 'a name for the model'],
  ['modelInput Name', 'a name for it'],
  ['modelInput Colon', '`:` and its type'],
  ['parameter Name', 'a parameter'],
  ['namedType Name', 'a type'],
  ['stateEntry Equals', '`=` and a value'],
  ['binding Equals', '`=` and a value'],
  ['setting Word', 'a setting, such as `epochs = 5`,'],
  ['setting Equals', '`=` and a value'],
  ['scanStatement Along', '`along` and the axis to go along'],
  ['scanStatement As', '`as` and a name for each position'],
  ['importDeclaration From', '`from` and a file'],
  ['importDeclaration String', 'a file in double quotes'],
  ['inverse OpenParenthesis', '`(` and the values to go back from'],
]);

function expectedToken(expected: TokenType, actual: IToken, rule: string): string {
  const label = expected.LABEL ?? expected.name;
  const purpose = purposes.get(rule);
  if (closing.has(expected) && purpose !== undefined) {
    if (separated.has(rule)) return expectedInList(`${label} ${purpose}`, label, actual.tokenType, rule);
    if (expected === tokens.CloseBrace)
      return expectedInBlock(`${label} ${purpose}`, label, actual.tokenType, rule);
    return `${label} ${purpose}`;
  }
  if (expected.name === 'EOF') return declaration;
  return particular.get(`${rule} ${expected.name}`) ?? label;
}

/** A list may go on, end, or not even have begun. */
function expectedInList(closed: string, label: string, actual: TokenType, rule: string): string {
  const named = rule === 'parameters' || rule === 'binding' || rule === 'importDeclaration';
  if (named && tokens.reservedWords.includes(actual)) return 'a name';
  if (actual === tokens.Comma) return `${named ? 'a name' : 'an expression'} or ${label}`;
  return beginsExpression(actual) ? `\`,\` or ${closed}` : closed;
}

/** Where a block is not closed, what was found belongs outside of it; anything else merely has no place inside. */
function expectedInBlock(closed: string, label: string, actual: TokenType, rule: string): string {
  if (actual.name === 'EOF' || closing.has(actual)) return closed;
  if (rule === 'model') {
    const outside = actual === tokens.Import || actual === tokens.Model;
    return outside || actual.CATEGORIES?.includes(tokens.DefinitionKeyword)
      ? closed
      : (alternatives.get('modelItem') ?? closed);
  }
  if (rule === 'trainItem') return `a setting, such as \`epochs = 5\`, or ${label}`;
  if (rule === 'importDeclaration') return closed;
  if (tokens.contextualWords.includes(actual) || actual === tokens.Import) return closed;
  return beginsStatement(actual) ? `${label}, as \`inverse\` comes last` : `another statement or ${label}`;
}

function beginsStatement(type: TokenType): boolean {
  return beginsExpression(type) || tokens.reservedWords.includes(type);
}

function beginsExpression(type: TokenType): boolean {
  if (tokens.isName(type)) return true;
  return type === tokens.NumberToken || type === tokens.StringToken || type === tokens.OpenBracket;
}

/**
 * The diagnostics of a parse, in the order of the text. An error at the token right behind what an earlier one stopped at, or
 * right behind an unexpected character, only follows from it.
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
  for (const { exception, start } of inOrder) {
    const { token } = exception;
    const index = tokenIndex(list, start);
    // What was skipped on the way back to firm ground belongs to the error that skipped it.
    const skipped = tokenIndex(list, exception.resyncedTokens.at(-1)?.startOffset ?? start);
    const before = list[index - 1];
    const gap = before ? before.startOffset + before.image.length : 0;
    const behindCharacter = characters.some(({ span }) => span && span.start >= gap && span.end <= start);
    if (index > covered && !behindCharacter)
      found.push(report(exception.message, token, { source, start, end: start + token.image.length }, list));
    covered = Math.max(covered, index + 1, skipped + 1);
  }
  return found;
}

/** The number of tokens that begin before `offset`. */
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

function report(expected: string, token: IToken, span: Span, list: readonly IToken[]): Diagnostic {
  const closer = /(?:^|or )`([)\]}])` to close/.exec(expected)?.[1];
  const type = [...closing].find((each) => each.LABEL === `\`${closer ?? ''}\``);
  const opener = type && unclosedBracket(list, span.start, type, span.source.text);
  const related = opener && {
    span: { source: span.source, start: opener.startOffset, end: opener.startOffset + opener.image.length },
    message: expected.startsWith('`,`') ? 'opened here' : `this \`${opener.image}\` is not closed`,
  };
  const found = describe(token, /^a name|^a parameter|names in/.test(expected));
  return diagnostic(
    'syntax.unexpected',
    span,
    { expected, found },
    { ...(related && { related: [related] }) },
  );
}

function describe(token: IToken, nameExpected: boolean): string {
  if (token.tokenType.name === 'EOF') return 'the end of the file';
  const reserved = nameExpected && tokens.reservedWords.includes(token.tokenType);
  return `${reserved ? 'the reserved word ' : ''}\`${abbreviate(token.image)}\``;
}
