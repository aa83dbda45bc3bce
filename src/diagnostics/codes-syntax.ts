// The rows of the table in codes.ts for what is wrong with the text itself: characters, words, brackets.

export const syntaxCodes = {
  'syntax.unexpected': { message: 'expected {expected}, but found {found}' },
  'syntax.character': {
    message: 'unexpected character {found}',
    help: 'Names and operators are plain ASCII.',
  },
  'syntax.nesting': {
    message: 'nested deeper than {limit} levels',
    help: 'Name the inner parts with `let`.',
  },
  'syntax.keyword': { message: 'unknown word {found}', help: 'Did you mean `{meant}`?' },
  'syntax.let': { message: '`{name} = …` names a value without `let`' },
  'syntax.call-space': {
    message: 'the `(` of a call stands apart from {callee}',
    help: "A call's `(` touches what it calls; a stage that begins with `(` stands on a line of its own.",
  },
  'syntax.number': {
    message: '`{found}` is neither a number nor a name',
    help: 'A number begins with a digit (0.5), a product is written with `*`, and a name begins with a letter.',
  },
  'syntax.number-size': {
    message: 'the number `{found}` is too large',
    help: 'A whole number goes up to 9007199254740991, any other up to about 1.8e308.',
  },
  'syntax.string': {
    message: 'this text is not closed',
    help: 'A text ends with `"` on the line on which it begins.',
  },
  'syntax.escape': {
    message: 'a text has no escape `{found}`',
    help: 'There are \\", \\\\, \\n, \\t and \\u with a hexadecimal code point in braces.',
  },
  'syntax.not-operand': {
    message: '`not` is looser than the operator before it',
    help: 'Put `not` and its operand in parentheses.',
  },
  'syntax.comparison': {
    message: 'a second comparison, `{operator}`, of what is a comparison already',
    help: 'Join two comparisons with `and`: `a < b and b < c`.',
  },
  'syntax.inverse': {
    message: 'only a layer has an `inverse`, but this is {article} {kind}',
  },
  'syntax.overall': {
    message: 'only a metric has a value over all examples, but this is {article} {kind}',
  },
} as const;
