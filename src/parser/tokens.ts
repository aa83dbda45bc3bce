// The language's tokens and their lexer, which returns tokens and comments separately. Words are of three kinds: plain names, contextual
// keywords (`loss`, `data`, …: names wherever a name is allowed) and reserved words. The abstract token `Name` matches the first two
// kinds, `Word` all three.
import type { IToken, Lexer as SourceLexer, TokenType } from 'chevrotain';
import { createToken, Lexer } from './chevrotain.ts';

/** Any name: an identifier, or a contextual keyword. */
export const Name = createToken({ name: 'Name', pattern: Lexer.NA, label: 'a name' });
/** Any word, allowed as the name of an argument or a setting. */
export const Word = createToken({ name: 'Word', pattern: Lexer.NA, label: 'a name' });

export const DefinitionKeyword = createToken({ name: 'DefinitionKeyword', pattern: Lexer.NA });
export const InputKeyword = createToken({ name: 'InputKeyword', pattern: Lexer.NA });
export const ItemKeyword = createToken({ name: 'ItemKeyword', pattern: Lexer.NA });
export const StorageKeyword = createToken({ name: 'StorageKeyword', pattern: Lexer.NA });
export const PrefixOperator = createToken({ name: 'PrefixOperator', pattern: Lexer.NA });
export const BinaryOperator = createToken({
  name: 'BinaryOperator',
  pattern: Lexer.NA,
  label: 'an operator',
});

export const Identifier = createToken({
  name: 'Identifier',
  pattern: /[A-Za-z_][A-Za-z0-9_]*/,
  categories: [Name, Word],
});

function word(text: string, categories: TokenType[]): TokenType {
  const name = text.charAt(0).toUpperCase() + text.slice(1);
  return createToken({ name, pattern: text, longer_alt: Identifier, label: `\`${text}\``, categories });
}

const contextual = (text: string, ...categories: TokenType[]) => word(text, [Name, Word, ...categories]);
const reserved = (text: string, ...categories: TokenType[]) => word(text, [Word, ...categories]);

export const Layer = contextual('layer', DefinitionKeyword);
export const Loss = contextual('loss', DefinitionKeyword, ItemKeyword);
export const Optimizer = contextual('optimizer', DefinitionKeyword, ItemKeyword);
export const Schedule = contextual('schedule', DefinitionKeyword, ItemKeyword);
export const Clip = contextual('clip', DefinitionKeyword, ItemKeyword);
/**
 * The same words at the start of a model's item. They are not definition keywords there, so that the parser's recovery does not take the
 * rest of a model for definitions. `mend` finds them.
 */
export const itemTypes = new Map(
  [Loss, Optimizer, Schedule, Clip].map((type) => [
    type,
    createToken({
      name: `${type.name}Item`,
      pattern: Lexer.NA,
      label: type.LABEL ?? type.name,
      categories: [Name, Word, ItemKeyword],
    }),
  ]),
);
export const Initializer = contextual('initializer', DefinitionKeyword);
/** The former spelling, which is still accepted; the tree contains only the present one. */
export const Initialiser = contextual('initialiser', DefinitionKeyword);
export const Metric = contextual('metric', DefinitionKeyword);
export const FunctionWord = contextual('function', DefinitionKeyword);
export const Model = contextual('model');
export const Input = contextual('input', InputKeyword);
export const Target = contextual('target', InputKeyword);
export const Net = contextual('net');
export const Output = contextual('output');
export const Data = contextual('data', ItemKeyword);
export const Metrics = contextual('metrics');
export const Train = contextual('train');
export const State = contextual('state', StorageKeyword);
export const From = contextual('from');
export const As = contextual('as');
export const Scan = contextual('scan');
export const Along = contextual('along');

export const Import = reserved('import');
export const Const = reserved('const', StorageKeyword);
export const Let = reserved('let');
export const Param = reserved('param', StorageKeyword);
export const Buffer = reserved('buffer', StorageKeyword);
export const Repeat = reserved('repeat');
export const Residual = reserved('residual');
export const Parallel = reserved('parallel');
export const If = reserved('if');
export const Else = reserved('else');
export const Return = reserved('return');
export const Assert = reserved('assert');
export const Inverse = reserved('inverse');
export const Overall = reserved('overall');
export const True = reserved('true');
export const False = reserved('false');
export const None = reserved('none');
export const And = reserved('and', BinaryOperator);
export const Or = reserved('or', BinaryOperator);
export const Not = reserved('not', PrefixOperator);

function symbol(name: string, text: string, ...categories: TokenType[]): TokenType {
  return createToken({ name, pattern: text, label: `\`${text}\``, categories });
}

export const OpenParenthesis = symbol('OpenParenthesis', '(');
/** A parenthesis without a space before it: only such a one starts a call's arguments. `lex` finds them. */
export const CallParenthesis = createToken({
  name: 'CallParenthesis',
  pattern: Lexer.NA,
  label: '`(`',
  categories: [OpenParenthesis],
});
export const CloseParenthesis = symbol('CloseParenthesis', ')');
export const OpenBracket = symbol('OpenBracket', '[');
export const CloseBracket = symbol('CloseBracket', ']');
export const OpenBrace = symbol('OpenBrace', '{');
export const CloseBrace = symbol('CloseBrace', '}');
export const Comma = symbol('Comma', ',');
export const Colon = symbol('Colon', ':');
export const Ellipsis = symbol('Ellipsis', '...');
export const Dot = symbol('Dot', '.');
export const Update = symbol('Update', '<-');
export const Equals = symbol('Equals', '=');
export const Arrow = symbol('Arrow', '->', BinaryOperator);
export const Transpose = symbol('Transpose', "'");
export const Minus = symbol('Minus', '-', PrefixOperator, BinaryOperator);

const otherOperators = (
  [
    ['EqualTo', '=='],
    ['UnequalTo', '!='],
    ['AtMost', '<='],
    ['AtLeast', '>='],
    ['LessThan', '<'],
    ['MoreThan', '>'],
    ['Plus', '+'],
    ['Times', '*'],
    ['Divide', '/'],
    ['MatrixProduct', '@'],
    ['Power', '^'],
  ] as const
).map(([name, text]) => symbol(name, text, BinaryOperator));

// The lookahead prevents `2x` and `1.5.2` from being lexed as two adjacent tokens.
export const NumberToken = createToken({
  name: 'Number',
  pattern: /[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9_]|\.(?!\.))/,
  label: 'a number',
});

const numberPart = /[A-Za-z0-9_]/;

/** All characters contiguous with the digit at `start`, without the dots of an ellipsis. A loop, for the reason given below. */
function matchMalformedNumber(text: string, start: number): [string] | null {
  const first = text[start] === '.' ? start + 1 : start;
  if (!/[0-9]/.test(text[first] ?? '')) return null;
  let end = first + 1;
  while (numberPart.test(text[end] ?? '') || (text[end] === '.' && text[end + 1] !== '.')) end++;
  return [text.slice(start, end)];
}

/** `2x`, `1.`, `.5`, `1_000`: reported, then taken as a number so that parsing continues. */
export const MalformedNumber = createToken({
  name: 'MalformedNumber',
  pattern: matchMalformedNumber,
  start_chars_hint: [...'0123456789.'],
  line_breaks: false,
  categories: [NumberToken],
});

/**
 * The end of the string that starts with the `"` at `start`: after its closing quote, or before the end of its line. A loop, because a
 * regular expression overflows its stack on some megabytes of escapes.
 */
function endOfText(text: string, start: number): { readonly end: number; readonly closed: boolean } {
  for (let offset = start + 1; offset < text.length; offset++) {
    const character = text[offset];
    if (character === '"') return { end: offset + 1, closed: true };
    if (character === '\n' || character === '\r') return { end: offset, closed: false };
    if (character === '\\' && text[offset + 1] !== '\n' && text[offset + 1] !== '\r') offset++;
  }
  return { end: text.length, closed: false };
}

function matchText(text: string, start: number, closed: boolean): [string] | null {
  if (text[start] !== '"') return null;
  const found = endOfText(text, start);
  return found.closed === closed ? [text.slice(start, found.end)] : null;
}

export const StringToken = createToken({
  name: 'String',
  pattern: (text: string, offset: number) => matchText(text, offset, true),
  start_chars_hint: ['"'],
  line_breaks: false,
  label: 'a text in double quotes',
});

/** A string without a closing quote on its line: reported, then taken as a string. */
export const UnclosedString = createToken({
  name: 'UnclosedString',
  pattern: (text: string, offset: number) => matchText(text, offset, false),
  start_chars_hint: ['"'],
  line_breaks: false,
  categories: [StringToken],
});

/** What other languages write, at places where nothing of this language can stand. src/parser/habits/ reads it as what was meant. */
export const ForeignOperator = createToken({
  name: 'ForeignOperator',
  pattern: /\|>|=>|>>|\*\*|:=|===|!==|<>|&&|\|\||!(?!=)|[?×·⊙÷−–→←≤≥≠]/,
  start_chars_hint: [...'|=>*:!<&?×·⊙÷−–→←≤≥≠'],
  line_breaks: false,
});
export const Semicolon = createToken({ name: 'Semicolon', pattern: ';' });

/** Whether a quote behind these tokens cannot transpose anything. */
function beginsQuoted(matched: readonly IToken[], offset: number): boolean {
  const before = matched.at(-1);
  if (!before) return true;
  const apart = before.startOffset + before.image.length < offset;
  return !endsOperand(before.tokenType) || (apart && quotedItems.includes(before.tokenType));
}

function matchQuoted(text: string, start: number, matched: readonly IToken[]): [string] | null {
  const found = /'[^'\s](?:[^'\r\n]*[^'\s])?'/y;
  found.lastIndex = start;
  const [quoted] = found.exec(text) ?? [];
  return quoted !== undefined && beginsQuoted(matched, start) ? [quoted] : null;
}

/** A text or word in single quotes, which are for transposing. */
export const QuotedText = createToken({
  name: 'QuotedText',
  pattern: (text: string, offset: number, matched: IToken[]) => matchQuoted(text, offset, matched),
  start_chars_hint: ["'"],
  line_breaks: false,
});

function matchForeignComment(text: string, start: number, matched: readonly IToken[]): [string] | null {
  const quotes = text.slice(start, start + 3);
  const closing = quotes.startsWith('/*')
    ? '*/'
    : quotes === '"""' || (quotes === "'''" && beginsQuoted(matched, start))
      ? quotes
      : '';
  if (closing === '') return null;
  const end = text.indexOf(closing, start + (closing === '*/' ? 2 : 3));
  return [end < 0 ? text.slice(start) : text.slice(start, end + closing.length)];
}

/** A comment of C, or a text in triple quotes. */
export const ForeignComment = createToken({
  name: 'ForeignComment',
  pattern: (text: string, offset: number, matched: IToken[]) => matchForeignComment(text, offset, matched),
  start_chars_hint: ['/', '"', "'"],
  line_breaks: true,
});

const WhiteSpace = createToken({ name: 'WhiteSpace', pattern: /[ \t\r\n\f\v\uFEFF]+/, group: Lexer.SKIPPED });
const Comment = createToken({ name: 'Comment', pattern: /\/\/[^\r\n]*/, group: 'comments' });

export const contextualWords = [
  ...[
    Layer,
    Loss,
    Optimizer,
    Schedule,
    Clip,
    Initializer,
    Initialiser,
    Metrics,
    Metric,
    FunctionWord,
    Model,
    Input,
    Target,
  ],
  ...[Net, Output, Data, Train, State, From, As, Scan, Along],
];
export const reservedWords = [
  ...[Import, Const, Let, Param, Buffer, Repeat, Residual, Parallel, If, Else, Return, Assert, Inverse],
  ...[Overall, True, False, None, And, Or, Not],
];

/** Reserved words, which may not be names. */
export const reservedNames: readonly string[] = reservedWords.map((type) => String(type.PATTERN));
/** Contextual keywords. */
export const contextualNames: readonly string[] = contextualWords.map((type) => String(type.PATTERN));

const longestFirst = (left: TokenType, right: TokenType) =>
  String(right.PATTERN).length - String(left.PATTERN).length;

/** In the lexer's order: a token precedes its prefixes. */
export const allTokens: TokenType[] = [
  ...[WhiteSpace, Comment, ...[...contextualWords, ...reservedWords].sort(longestFirst), Identifier],
  ...[NumberToken, MalformedNumber, ForeignComment, StringToken, UnclosedString, QuotedText, ForeignOperator],
  ...[Arrow, Update, Ellipsis, Dot, Semicolon],
  ...otherOperators,
  ...[Equals, Minus, Transpose, Comma, Colon],
  ...[OpenParenthesis, CloseParenthesis, OpenBracket, CloseBracket, OpenBrace, CloseBrace],
  ...[
    Name,
    Word,
    DefinitionKeyword,
    InputKeyword,
    ItemKeyword,
    StorageKeyword,
    PrefixOperator,
    BinaryOperator,
    CallParenthesis,
    ...itemTypes.values(),
  ],
];

/** Whether a token of this type can be a name. */
export function isName(type: TokenType): boolean {
  return type === Identifier || type.CATEGORIES?.includes(Name) === true;
}

/** Items of a model that name something, behind which a quote apart cannot transpose. */
const quotedItems: readonly TokenType[] = [Loss, Optimizer, Schedule, Clip, Metrics, Data, From];

/** Whether an operand may end with a token of this type. */
export function endsOperand(type: TokenType): boolean {
  return isName(type) || operandEnds.has(type);
}

const operandEnds = new Set<TokenType>([
  ...[NumberToken, MalformedNumber, StringToken, UnclosedString, True, False, None],
  ...[CloseParenthesis, CloseBracket, Transpose],
]);

let lexer: SourceLexer | undefined;

/** The lexer, created at its first use. */
export function sourceLexer(): SourceLexer {
  lexer ??= new Lexer(allTokens, {
    positionTracking: 'onlyOffset',
    ensureOptimizations: true,
    skipValidations: true,
  });
  return lexer;
}

/** The present spelling of a word: `initializer` for `initialiser`. */
export function presentSpelling(word: string): string {
  return word === Initialiser.PATTERN ? String(Initializer.PATTERN) : word;
}
