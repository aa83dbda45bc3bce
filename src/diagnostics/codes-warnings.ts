// Warnings: what is legal and probably not meant. A code of this table is a warning, every other one an error. Where it is meant, the
// text says so: see allowed.ts.
export const warningCodes = {
  'allow.unknown': { message: 'no warning is called `{name}`', help: '{help}' },

  // the model
  'input.unused': {
    message: 'the {role} `{name}` is not used',
    help: 'Nothing that the model computes depends on it: use it, or leave it out.',
  },
  'loss.logits': {
    message: '`{owner}` takes logits, and is given what {activation} makes of them',
    help: '{help}',
  },
  'linear.pair': {
    message: 'two linear maps follow one another with nothing between: together they are one',
    help: 'Put an activation between them, such as `ReLU`, or write one layer.',
  },
  'parameter.unreached': {
    message: '{names} {verb} never learned: {reason}',
    help: 'Let the loss depend on it, or leave it out. A tensor that is to stay as it starts is a `const`.',
  },
  'target.repeated': {
    message:
      'the target `{name}`, of shape {target}, meets a prediction of shape {found}: {repeated} repeated',
    help: 'Give both one shape: declare the target so, or let the net end in `Flatten` or `Reshape`.',
  },
  'overall.digits': {
    message: 'a mean of products less a product of means loses its digits where the means are large',
    help: 'Let the body return the values themselves; in `overall`, write `variance(a)` or `covariance(a, b)` of their means.',
  },

  // the data
  'data.classes': {
    message:
      '`{port}` is class({limit}), but of its classes only {count} occur in the data: {absent} never do',
    help: '{help}',
  },
  'data.constant': {
    message: '{names} {have} one value in all training examples',
    help: 'Nothing can be learned from it: leave it out of `features`.',
  },
  'data.unscaled': {
    message: 'what `{port}` takes is of very different sizes: {reason}',
    help: 'With `normalize = true` every column has the mean 0 and the deviation 1.',
  },
  'data.target-scale': {
    message:
      'the target `{name}` has a mean of {mean} and a deviation of {deviation}, and a new model gives values about 0',
    help: '{help}',
  },
  'data.time-order': {
    message:
      'the rows are in the order of `{column}`, and the examples for {part} are drawn from among those that are trained on',
    help: 'What is foretold lies later: `split = time` holds out the last rows.',
  },
} as const;
