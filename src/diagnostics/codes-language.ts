// What can be wrong with a program that parses: names, arguments, shapes, and what a model must have.
export const languageCodes = {
  // names
  'name.unknown': { message: 'nothing is called `{name}` here' },
  'name.twice': { message: '`{name}` is named twice', help: 'Give one of the two another name.' },
  'name.recursion': {
    message: '`{name}` calls itself: {cycle}',
    help: 'A model is unrolled when it is compiled, so a definition cannot contain itself. Use `repeat` for repetition.',
  },
  'type.unknown': {
    message: '`{name}` is not a type of an input',
    help: 'An input is a shape such as [1, 28, 28], class(10), or int(5000)[T].',
  },
  'type.hyper': {
    message: '`{name}` is not a type of a hyper-parameter',
    help: 'Types are int, float, bool, string, list, layer, initialiser and one_of(word, …).',
  },

  // calls and their arguments
  'argument.required': {
    message: '`{owner}` needs `{name}`, which was not given',
    help: 'Write it as {example}.',
  },
  'argument.unknown': { message: '`{owner}` has no argument `{name}`', help: 'Its arguments: {known}.' },
  'argument.twice': { message: '`{owner}` is given `{name}` twice' },
  'argument.type': { message: '`{name}` of `{owner}` is {expected}, but was given {found}' },
  'argument.option': { message: '`{name}` is one of {options}, not `{found}`' },
  'argument.too-many': {
    message: '`{owner}` takes {expected} hyper-parameters at most',
    help: 'It is declared as {signature}.',
  },
  'argument.inputs': {
    message: '`{owner}` takes {expected} inputs at most',
    help: 'It is declared as {signature}.',
  },
  'call.inputs': {
    message: '`{owner}` takes {expected} inputs, but was given {found}',
    help: 'It is declared as {signature}.',
  },
  'call.depth': { message: 'calls are nested deeper than {limit} at `{owner}`' },
  'call.no-result': {
    message: '`{owner}` ends without a result',
    help: 'End the body with `return`, or with a chain such as `x -> Linear(10)`.',
  },
  'call.not-callable': { message: '{found} cannot be called' },
  'call.kind': { message: '`{name}` is a {found}, where a {expected} is wanted' },
  'chain.value-ignored': {
    message: 'this stage of the chain does not take the value of the one before',
    help: 'A stage is a layer, or a call that still lacks its first input.',
  },

  // values
  'value.tensor': { message: '{name} of `{owner}` must be a tensor, not {found}' },
  'value.matrix': { message: 'only a tensor of two or more axes can be transposed, not {found}' },
  'value.operand': { message: '`{operator}` does not take {found}' },
  'value.division': { message: '{dividend} is divided by zero' },
  'value.condition': {
    message: 'a condition must be known when the model is compiled, and this is {found}',
    help: 'Choose between tensors element by element with `where(condition, a, b)`.',
  },
  'value.tuple': { message: '{expected} names are bound, but the value is {found}' },
  'value.generator': {
    message: 'random numbers and dimensionless `eye` are for initialisers only',
    help: 'Declare a `param`, `buffer` or `const` that starts with them.',
  },
  'assert.failed': { message: '{text}' },
  'repeat.too-many': { message: 'repeats {times} times; {limit} is the most' },

  // shapes
  'dimension.invalid': { message: 'expected a whole number of at least {least}, but found {found}' },
  'dimension.not-divisible': { message: '{numerator} does not divide by {denominator}' },
  'shape.operands': {
    message: '`{operator}` was given shapes {left} and {right}, which do not line up',
    help: 'Shapes line up by axis names, or from the right; an axis of size 1 is repeated.',
  },
  'shape.product': {
    message:
      '`@` was given shapes {left} and {right}: the last axis of the first must equal the second-to-last of the second',
    help: "`x'` exchanges the last two axes of x.",
  },
  'shape.reshape': { message: '{from} cannot become {to}: {have} elements against {want}' },
  'shape.concat': { message: 'cannot join {shapes} along axis {axis}: the other axes differ' },
  'shape.rank': { message: '`{owner}` expects `{name}: {type}`, but was given {found}' },
  'shape.mismatch': {
    message: '`{owner}` expects dimension `{dimension}` of `{input}` to be {expected}, but it is {found}',
  },
  'shape.result': { message: '`{owner}` declares its result as {declared}, but gives {found}' },
  'shape.too-large': {
    message: '`{name}` of shape {shape} has {elements} elements, more than can be addressed',
  },
  'shape.primitive': { message: '{text}' },
  'type.mismatch': { message: '`{owner}` expects `{name}: {type}`, but was given {found}' },
  'residual.shape': {
    message: 'a residual block must keep its shape, but turns {before} into {after}',
    help: 'Add a layer to the block that restores the shape.',
  },
  'split.uneven': { message: '{size} does not split into {parts} equal parts (the shape is {shape})' },
  'slice.range': { message: 'the slice from {start} to {end} is not within the axis of size {size}' },
  'permute.axes': { message: 'the axes must name every axis of {shape} once' },
  'einsum.specification': {
    message: 'the first argument does not fit operands of shapes {left} and {right}',
    help: 'Write it as "td, od -> to": a letter per axis; letters that are not in the result are summed over.',
  },
  'lookup.table': { message: 'the table of `lookup` must be the same for all examples' },
  'axis.invalid': { message: 'an axis is a name, `batch` or a position, not {found}' },
  'axis.unknown': { message: 'the tensor of shape {shape} has no axis `{name}`', help: 'Its axes: {axes}.' },
  'axis.range': { message: 'axis {axis} is not one of the {rank} axes of {shape}' },

  // builtins
  'builtin.missing': { message: '`{name}` lacks an argument', help: 'It is called as {usage}.' },
  'builtin.number': { message: '`{argument}` of `{name}` must be a number, not {found}' },
  'builtin.list': {
    message: '`{argument}` of `{name}` must have {expected} entries, one per axis, not {found}',
  },
  'builtin.pair': { message: 'expected one number for both axes, or a list of two, but found {found}' },
  'builtin.axis': { message: '`{name}` works along one axis of an example' },

  // declarations and updates
  'declare.shape': {
    message: '`{storage} {name}` needs a shape',
    help: 'Write it as `{storage} {name}: [D] = zeros`.',
  },
  'declare.ellipsis': { message: 'the shape of `{name}` must be written out, without `...`' },
  'initialiser.value': {
    message: '{found} cannot start a tensor',
    help: 'Use a number, or an initialiser such as zeros, he, normal(0.02).',
  },
  'initialiser.shape': { message: 'this does not line up with the declared shape {shape}' },
  'instance.shape': {
    message: '`{path}` is shared, but this use needs it as {now}, and the first one as {before}',
    help: 'A `let` name is one set of weights. Use two layers, or the same shapes.',
  },
  'update.target': {
    message: '`{name}` is not a buffer or state of this definition, so it cannot be updated',
  },
  'update.value': {
    message: '`{name}` takes a value of shape {shape}, the same for the whole batch, not {found}',
  },

  // models
  'model.none': { message: '{path} has no model', help: 'Add a `model`, with its input, target, net, loss and optimizer.' },
  'model.unknown': { message: 'there is no model `{name}`', help: 'Models here: {known}.' },
  'model.several': { message: '{path} has several models: {known}', help: 'Choose one by name.' },
  'model.missing': { message: 'the model `{model}` has no `{item}`', help: 'Add, for example, {example}.' },
  'model.twice': { message: 'the model has a second `{item}`' },
  'model.input-type': { message: '`{name}` must have a shape of whole numbers, class(n), or int(n)[sizes]' },
  'model.output': { message: 'the model gives {found} where its output should be a tensor for each example' },
  'loss.shape': {
    message: 'the loss of one example must be one number, but this has shape {shape}',
    help: 'Take its `sum` or `mean`.',
  },
  'loss.arguments': {
    message: 'the loss does not fit the model: {outputs} outputs and {targets} targets',
    help: 'Name what it compares: `loss CrossEntropy(logits, label)`.',
  },
  'optimizer.state': { message: 'an optimizer updates its own states and the weight, not `{name}`' },
  'setting.unknown': { message: '`train` has no setting `{name}`', help: 'Its settings: {known}.' },
  'setting.value': { message: '`{name}` must be {expected}, not {found}' },
  'override.unknown': { message: 'nothing called `{name}` can be set', help: 'What can be set: {known}.' },
  'override.value': {
    message: '`{text}` is not a value for `{name}`',
    help: 'Give a number, true, false, or a word.',
  },

  // files
  'import.missing': { message: 'cannot read {path}: {reason}' },
  'import.outside': {
    message: '{path} lies outside the folder of the importing file',
    help: 'Imports stay below it, or name an npm package.',
  },
  'import.cycle': { message: 'files import one another: {cycle}' },
  'import.limit': { message: 'more than {limit} {what} are imported' },
  'import.name': { message: '{path} does not define `{name}`', help: 'It defines: {known}.' },
} as const;
