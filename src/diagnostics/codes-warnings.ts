// Warnings: what is legal and probably not meant. A code of this table is a warning, every other one an error. Where it is meant, the
// text says so: see allowed.ts.
export const warningCodes = {
  'allow.unknown': { message: 'no warning is called `{name}`', help: '{help}' },

  // the model
  'input.unused': {
    message: 'the {role} `{name}` is not used',
    help: 'Nothing that the model computes depends on it: use it, or leave it out.',
  },
  'overall.digits': {
    message: 'a mean of products less a product of means loses its digits where the means are large',
    help: 'Let the body return the values themselves; in `overall`, write `variance(a)` or `covariance(a, b)` of their means.',
  },
} as const;
