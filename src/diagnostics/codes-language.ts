// What can be wrong with a program that parses: names, arguments, shapes, and what a model must have.
export const languageCodes = {
  // names
  'name.unknown': { message: 'nothing is called `{name}` here', help: '{help}' },
  'name.twice': { message: '`{name}` is named twice', help: 'Give one of the two another name.' },
  'name.reserved': {
    message: '`{name}` is what the training loop calls an input of its own',
    help: 'Give it another name.',
  },
  'name.recursion': { message: '`{name}` contains itself{way}', help: '{help}' },
  'type.unknown': {
    message: '`{name}` is not a type of an input',
    help: 'An input is a shape such as [1, 28, 28], class(10), or int(5000)[T].',
  },
  'type.hyper': {
    message: '{name} is not a type of a hyper-parameter',
    help: '{help}',
  },

  // calls and their arguments
  'argument.required': {
    message: '`{owner}` needs {names}, which {was} not given',
    help: 'Write it as `{example}`.',
  },
  'argument.unknown': { message: '`{owner}` has no argument `{name}`', help: '{help}' },
  'argument.order': { message: 'an argument by position stands behind one by name', help: '{help}' },
  'argument.twice': { message: '`{owner}` is given `{name}` twice' },
  'argument.type': { message: '`{name}` of `{owner}` must be {expected}, not {found}' },
  'argument.option': { message: '`{name}` must be {options}, not `{found}`', help: '{help}' },
  'argument.too-many': {
    message: '`{owner}` takes no further argument, but was given {found}',
    help: '{help}',
  },
  'argument.inputs': {
    message: '`{owner}` takes {expected}, and this is one too many',
    help: 'It is declared as `{signature}`.',
  },
  'call.inputs': { message: '`{owner}` takes {expected}, but was given {found}', help: '{help}' },
  'call.depth': { message: 'calls are nested deeper than {limit} at `{owner}`' },
  'call.no-result': {
    message: '`{owner}` ends without a result',
    help: 'End the body with `return`, or with a chain such as `x -> Linear(10)`.',
  },
  'call.result': { message: '`{owner}` must give a tensor, but gives {found}' },
  'call.not-callable': { message: '{found} cannot be called' },
  'call.kind': { message: '{found}, but {expected} is wanted here', help: '{help}' },
  'chain.value-ignored': {
    message: 'this stage does not take the value of the stage before, which is lost',
    help: 'A stage is a layer, or a call that still lacks its first input.',
  },
  'chain.stage': {
    message: '{found} cannot be a stage of a chain',
    help: 'A stage is a layer, such as `Linear(64)`, or a call that still lacks its first input.',
  },

  // parts of layers
  'member.owner': { message: '{found} has no part `{name}`', help: '{help}' },
  'member.unknown': { message: 'the layer `{owner}` has no part `{name}` here', help: '{help}' },
  'member.layer': { message: '`{name}` is a layer, not a tensor', help: '{help}' },

  // values
  'value.tensor': { message: '{name} of `{owner}` must be a tensor, not {found}' },
  'value.matrix': { message: 'only a tensor of two or more axes can be transposed, not {found}' },
  'value.operand': { message: '`{operator}` does not take {found}', help: '{help}' },
  'value.division': { message: '{dividend} is divided by zero' },
  'value.condition': {
    message: 'a condition must be known when the model is compiled, and this is {found}',
    help: 'Choose between tensors element by element with `where(condition, a, b)`.',
  },
  'value.tuple': { message: '{expected} names stand here for {found}' },
  'value.generator': {
    message: 'random numbers and dimensionless `eye` are for initializers only',
    help: 'Declare a `param`, `buffer` or `const` that starts with them; fresh random numbers are `random(x)`.',
  },
  'assert.failed': { message: '{text}' },
  'scan.result': {
    message: 'the body of `scan` gives no tensor',
    help: 'End it with `return`, or with a tensor: the results of all positions are stacked.',
  },
  'scan.shape': { message: 'the body of `scan` gives another shape at another position: {shapes}' },
  'scan.state': {
    message: 'the state `{name}` starts as {before}, but becomes {after}',
    help: 'A state keeps its shape from one position to the next.',
  },
  'repeat.too-many': { message: '`repeat` counts to {times}, but {limit} is the most' },

  // shapes
  'dimension.invalid': {
    message: '{what} must be a whole number of at least {least}, not {found}',
    help: '{help}',
  },
  'dimension.not-divisible': {
    message: '{what} must be a whole number, but {numerator} is not divisible by {denominator}',
  },
  'dimension.too-large': { message: '{what} is {found}, and {limit} is the most that can be counted' },
  'shape.operands': {
    message: '`{operator}` cannot combine shapes {left} and {right}: sizes {leftSize} and {rightSize} meet',
    help: 'Shapes line up by axis names, or from the right; an axis of size 1 is repeated.',
  },
  'shape.product': { message: '`{left} @ {right}` does not work: {reason}', help: '{help}' },
  'shape.reshape': { message: '{from} cannot become {to}: it has {have} elements, not {want}' },
  'shape.concat': { message: 'cannot join {shapes} along axis {axis}: {reason}' },
  'shape.rank': {
    message: '`{owner}` expects `{name}: {type}`, {expected}, but was given {found}, which has {rank}',
    help: '{help}',
  },
  'shape.mismatch': { message: '`{owner}` expects `{input}`{where}, but was given {found}' },
  'shape.same': {
    message:
      '`{owner}` expects `{first}` and `{second}` to have the same shape, but was given {left} and {right}',
  },
  'shape.leading': {
    message:
      '`{owner}` expects the same `...` in `{first}` and `{second}`, but was given {left} and {right} for it',
  },
  'shape.result': { message: '`{owner}` declares its result as {declared} but gives {found}' },
  'shape.too-large': {
    message: '{name} of shape {shape} has {elements} elements, and {limit} is the most that can be addressed',
  },
  'shape.primitive': { message: '{text}' },
  'type.mismatch': { message: '`{owner}` expects `{name}: {type}`, but was given {found}', help: '{help}' },
  'residual.shape': {
    message: 'a residual block must keep its shape, but turns {before} into {after}',
    help: 'Add a layer to the block that restores the shape.',
  },
  'parallel.shape': {
    message: 'the branches of `parallel sum` must have one shape, but give {before} and {after}',
  },
  'split.uneven': {
    message: 'an axis of size {size} does not split into {parts} equal parts; the shape is {shape}',
  },
  'slice.range': { message: 'a slice from {start} up to {end} is not within an axis of size {size}' },
  'permute.axes': { message: 'the axes must name every axis of {shape} once' },
  'einsum.specification': {
    message: '{reason}',
    help: 'An einsum reads like "td, od -> to": a letter for each axis; letters that are not in the result are summed over.',
  },
  'lookup.table': { message: 'the table of `lookup` must be the same for all examples' },
  'window.size': { message: 'a window of {window} does not fit into an axis of size {size}' },
  'random.too-many': {
    message: 'a batch draws {elements} random numbers here, and {limit} is the most',
    help: 'A smaller batch, or a smaller layer before, draws fewer.',
  },
  'window.parts': {
    message: 'windows of shape {found} do not add up to {shape}, whose windows have shape {wanted}',
  },
  'axis.invalid': { message: 'an axis is a name, `batch` or a position, not {found}' },
  'axis.unknown': { message: 'the tensor of shape {shape} has no axis `{name}`', help: '{help}' },
  'axis.range': { message: 'a tensor of shape {shape} has no axis {axis}', help: '{help}' },

  // builtins
  'builtin.missing': { message: '`{name}` lacks an argument', help: 'It is called as {usage}.' },
  'builtin.number': { message: '`{argument}` of `{name}` must be a number, not {found}' },
  'builtin.list': { message: '`{argument}` of `{name}` must have {expected}, not {found}' },
  'builtin.vector': {
    message: '`vector` takes a list of numbers, not {found}',
    help: 'Write it as `vector([1, 0.5, 2])`.',
  },
  'builtin.pair': { message: 'expected one number for both axes, or a list of two, but found {found}' },
  'builtin.axis': { message: '`{name}` works along one axis of an example' },

  // declarations and updates
  'declare.shape': {
    message: '`{storage} {name}` needs a shape',
    help: 'Write it as `{storage} {name}: [D] = zeros`.',
  },
  'declare.again': { message: '`{name}` is declared {how}', help: '{help}' },
  'declare.place': { message: '{kind} cannot hold a `{storage}`', help: '{help}' },
  'declare.ellipsis': { message: 'the shape of `{name}` must be written out, without `...`' },
  'initializer.value': {
    message: '{found} cannot start a tensor',
    help: 'Use a number, or an initializer such as zeros, he, normal(0.02).',
  },
  'initializer.shape': { message: '{found} does not line up with the declared shape {shape}' },
  'instance.shape': {
    message: '`{path}` is shared: it has shape {before} from its first use, but this use needs {now}',
    help: 'A `let` name is one set of weights. Use two layers, or the same shapes.',
  },
  'update.target': { message: '`{name}` cannot be updated: {reason}', help: '{help}' },
  'update.value': { message: '`{name}` must be updated with numbers, not {found}' },
  'update.batch': {
    message: '`{name}` is shared by the whole batch, but this value differs from example to example',
    help: 'Take its mean over the batch: `mean(…, axis = batch)`.',
  },
  'update.shape': { message: '`{name}` has shape {shape}, which a value of shape {found} does not fit' },

  // inverses
  'metric.overall': {
    message: '`{owner}` is computed over all examples, so that it has no value here',
    help: 'It stands by itself under `metrics`.',
  },
  'overall.inputs': {
    message: '`overall` takes {expected}, but the body of `{owner}` returns {found}',
    help: 'It is given the mean of each value that the body returns, in their order.',
  },
  'overall.covariance': {
    message: '`{name}` takes what a metric averages, inside its `overall`',
    help: 'Give it names that stand behind the word `overall`; two of them need the same shape.',
  },
  'overall.result': { message: 'the value of `{owner}` over all examples must be one tensor, not {found}' },
  'inverse.inputs': {
    message: 'an inverse takes one result back to one input, but `{owner}` takes {found}',
  },
  'inverse.shape': {
    message: 'the inverse of `{owner}` must give back the input, of shape {wanted}, but gives {found}',
  },
  'inverse.wrong': {
    message:
      'this does not undo `{owner}`: of a random input, {path} gives back values that are off by {error}',
  },
  'inverse.none': {
    message: 'the inputs of `{model}` cannot be computed from its outputs: {reason}',
    help: 'State how to undo a layer in an `inverse` block.',
  },

  // models
  'model.none': {
    message: '{path} has no model',
    help: 'Add a `model`, with its input, target, net, loss and optimizer.',
  },
  'model.unknown': { message: 'there is no model `{name}`', help: 'Models here: {known}.' },
  'model.several': { message: '{path} has several models: {known}', help: 'Choose one with `--model NAME`.' },
  'model.missing': { message: 'the model `{model}` has no {items}', help: 'Add {examples}.' },
  'model.twice': { message: 'the model has a second `{item}`' },
  'model.input-type': {
    message: '`{name}` needs to know how many there are',
    help: 'Write it as `{name}(10)`.',
  },
  'model.too-long': {
    message: 'unrolled to here, the model runs definitions and repeated blocks more than {limit} times',
    help: 'A definition that calls another one twice, which does so too, doubles the number at each level; every repetition counts as well.',
  },
  'model.too-large': {
    message: 'unrolled to here, the model has more than {limit} operations',
    help: 'Every repetition, and every position of a `scan`, counts.',
  },
  'model.output': { message: 'the output of a model must be a tensor, not {found}', help: '{help}' },
  'model.output-shared': {
    message: 'this output, of shape {shape}, is one for the whole batch; each example must have its own',
    help: 'It does not depend on the inputs, or was reduced over `batch`.',
  },
  'output.twice': {
    message: 'the model has two outputs called `{name}`',
    help: 'Name them apart, such as `output scores = …`; a `net` gives the output called `output`.',
  },
  'metric.twice': { message: 'the metric `{name}` is named twice' },
  'loss.shared': {
    message: 'the loss must be one number for each example, but this is the same for all of them',
    help: 'It does not depend on the example, or was reduced over `batch`.',
  },
  'loss.shape': {
    message: 'the loss of one example must be one number, but this has shape {shape}',
    help: 'Take its `sum` or `mean`.',
  },
  'loss.inputs': {
    message: '`{name}` lacks {expected}, but by itself it is given two: the output and the target',
    help: 'Name what it compares: `{name}({inputs})`, each an output, a target or another value of the model.',
  },
  'loss.target': {
    message: '`{name}` by itself compares the output with the target, and the model has no target',
    help: 'Name what it compares, such as `{name}({output}, x)` with an input `x`, or add a `target`.',
  },
  'loss.arguments': {
    message:
      '`{name}` by itself compares one output with one target, but the model has {outputs} and {targets}',
    help: 'Name what it compares, such as `{example}`.',
  },
  'optimizer.inputs': {
    message: '`{name}` must take two inputs, the weight and its gradient',
    help: 'Declare it as `optimizer {name}(…) (w, g)`.',
  },
  'optimizer.idle': {
    message: '`{name}` never updates its weight `{weight}`',
    help: 'Write the new weight as `{weight} <- …`.',
  },
  'clip.inputs': {
    message: '`{name}` must take one input or two, a gradient and the norm of all gradients',
    help: 'Declare it as `clip {name}(…) (g)` or `clip {name}(…) (g, norm)`.',
  },
  'clip.shape': {
    message: '`{name}` must leave a gradient its shape: that of `{path}` is {shape}, and it gives {found}',
  },
  'setting.unknown': { message: '`train` has no setting `{name}`', help: '{help}' },
  'setting.value': { message: '`{name}` must be {expected}, not {found}' },
  'data.form': {
    message: '`data` names a data set, with its arguments',
    help: 'Write it as `data mnist(normalize = true)`.',
  },
  'data.value': { message: 'an argument of `data` is a number, a text, a word or a list, not {found}' },
  'override.unknown': { message: 'nothing called `{name}` can be set', help: '{help}' },
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
  'import.name': { message: '{path} does not define `{name}`', help: '{help}' },
} as const;
