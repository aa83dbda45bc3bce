// The rows of the table in codes.ts for habits: what other languages and frameworks write, and this one writes otherwise. What was meant is
// known, so that the text is read as if it were mended: these errors have no consequences.

export const habitCodes = {
  'habit.operator': { message: '{found} is no operator of this language', help: '{help}' },
  'habit.separator': {
    message: '{found} separates nothing here',
    help: 'Statements, stages and settings stand side by side, or each on a line of its own.',
  },
  'habit.comment': {
    message: '{found} does not begin a comment',
    help: 'A comment begins with `//` and ends with its line.',
  },
  'habit.quotes': { message: '{found} is in {quotes} quotes', help: '{help}' },
  'habit.path': { message: '{found} is a name with dots', help: '{help}' },
  'habit.method': {
    message: '{found} is a method, and values have none',
    help: 'A function takes the value as its first argument: {example}.',
  },
  'habit.item': {
    message: '{found} stands behind `{item}`, which takes no sign',
    help: 'An item of a model is its word and what it names: {example}.',
  },
  'habit.setting': {
    message: 'expected `=` between {what} and its value, but found {found}',
    help: 'Write it as {example}.',
  },
  'habit.arguments': {
    message: 'the argument in {found} stands outside of parentheses',
    help: 'Arguments stand in parentheses that touch the name.',
  },
  'habit.brackets': { message: '{found} does not enclose {what}', help: '{help}' },
  'habit.block': {
    message: '{found} does not begin a block',
    help: 'A block stands in braces; indentation means nothing.',
  },
  'habit.port': { message: '{found} {lacks}', help: 'Write it as {example}.' },
  'habit.statement': { message: '{found} is no statement of this language', help: '{help}' },
  'habit.loop': {
    message: '{found} is no loop of this language',
    help: 'What is repeated stands in a block: {example}.',
  },
  'habit.index': {
    message: '{found} does not take a part of a value',
    help: 'A part along an axis is {example}.',
  },
  'habit.choice': {
    message: '{found} does not choose a value',
    help: 'Elements are chosen one by one with {example}.',
  },
  'habit.constant': {
    message: '{found} names a value outside of a model',
    help: 'In front of a model, that is {example}.',
  },
  'habit.division': {
    message: '{found} begins a comment, and is no division',
    help: 'A division is `/`; a size that it gives must be whole.',
  },
  'habit.batch': {
    message: 'a size of `{name}` is {found}, which is the batch',
    help: 'A shape is that of one example, {example}: the batch is added by the compiler.',
  },
  'habit.repeated': {
    message: '{found} multiplies a layer',
    help: 'Layers that follow one another are {example}.',
  },
  'habit.activation': {
    message: '`{owner}` has no argument `{name}`',
    help: 'An activation is a layer of its own: {example}.',
  },
  'habit.input-size': {
    message: '`{owner}` was given {found} and {next}, which is one size too many',
    help: 'The size of its input is known from the shape that comes in: {example}.',
  },
  'habit.sequence': {
    message: 'nothing is called `{name}` here',
    help: 'Layers that follow one another are a chain: {example}.',
  },
  'habit.joined': {
    message: '`+` does not join {found}',
    help: 'A text is written as a whole: {example}.',
  },
} as const;
