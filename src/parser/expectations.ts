// Describes what the grammar expected, and the token found. These replace Chevrotain's messages: each exception's message is what was
// expected, in terms of the language.
import type { IParserErrorMessageProvider, IToken, TokenType } from 'chevrotain';
import * as tokens from './tokens.ts';

/** The maximum number of errors, after which the parser stops. */
export const errorLimit = 20;

/** Thrown by the message provider to abort the parser; the errors found so far are kept. */
export class TooManyErrors extends Error {}

/** Makes the text of what was expected the message of every exception. */
export function expectations(): IParserErrorMessageProvider & { reset(text: string): void } {
  let count = 0;
  let source = '';
  const counted = (expected: string): string => {
    // Some errors are dropped later as consequences of others, so the parser continues for a while past the limit.
    if (++count > 4 * errorLimit) throw new TooManyErrors();
    return expected;
  };
  return {
    reset: (text) => {
      count = 0;
      source = text;
    },
    buildMismatchTokenMessage: ({ expected, actual, previous, ruleName }) => {
      const sameLine = !/[\r\n]/.test(source.slice(previous.startOffset, actual.startOffset));
      return counted(expectedToken(expected, actual, ruleName, sameLine));
    },
    buildNoViableAltMessage: ({ ruleName }) => counted(alternatives.get(ruleName) ?? 'something else'),
    buildNotAllInputParsedMessage: () => counted(declaration),
    buildEarlyExitMessage: () => counted('`{` and a branch'),
  };
}

const declaration = 'a declaration, such as `layer` or `model`';
export const modelItem = 'an item of the model, such as `input` or `net`';
export const inputType = '`:` and its type';
export const argumentValue = '`=` between an argument and its value';

const alternatives = new Map([
  ['program', declaration],
  ['definition', '`{` or `=` and what it computes'],
  ['type', 'a type, such as `int` or `[C, H, W]`'],
  ['dimension', 'a dimension'],
  ['modelItem', modelItem],
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
/** The closing brackets. */
export const closing = new Set<TokenType>([tokens.CloseParenthesis, tokens.CloseBracket, tokens.CloseBrace]);

const particular = new Map([
  ['definition Name', 'a name for it'],
  ['model Name', 'a name for the model'],
  ['modelInput Name', 'a name for it'],
  ['modelInput Colon', inputType],
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
  ['overall OpenParenthesis', '`(` and names for the means of what the body returns'],
]);

function expectedToken(expected: TokenType, actual: IToken, rule: string, sameLine: boolean): string {
  const label = expected.LABEL ?? expected.name;
  const purpose = purposes.get(rule);
  if (closing.has(expected) && purpose !== undefined) {
    if (separated.has(rule))
      return expectedInList(`${label} ${purpose}`, label, actual.tokenType, rule, sameLine);
    if (expected === tokens.CloseBrace)
      return expectedInBlock(`${label} ${purpose}`, label, actual.tokenType, rule);
    return `${label} ${purpose}`;
  }
  if (expected.name === 'EOF') return declaration;
  return particular.get(`${rule} ${expected.name}`) ?? label;
}

/** A list may continue, end, or not have begun. */
function expectedInList(
  closed: string,
  label: string,
  actual: TokenType,
  rule: string,
  sameLine: boolean,
): string {
  const named = rule === 'parameters' || rule === 'binding' || rule === 'importDeclaration';
  if (named && tokens.reservedWords.includes(actual)) return 'a name';
  if (actual === tokens.Comma) return `${named ? 'a name' : 'an expression'} or ${label}`;
  if (actual === tokens.Colon && rule === 'callArguments') return argumentValue;
  // A value on its own line is not an entry with a missing comma.
  return beginsExpression(actual) && sameLine ? `\`,\` or ${closed}` : closed;
}

/** In an unclosed block, the token found belongs outside of it; any other token is simply not allowed inside. */
function expectedInBlock(closed: string, label: string, actual: TokenType, rule: string): string {
  if (actual.name === 'EOF' || closing.has(actual)) return closed;
  if (rule === 'model') {
    const outside = actual === tokens.Import || actual === tokens.Model;
    return outside || actual.CATEGORIES?.includes(tokens.DefinitionKeyword) ? closed : modelItem;
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
