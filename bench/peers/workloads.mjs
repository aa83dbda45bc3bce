// The workloads: what the libraries must know of bench/models/*.nn to build the same models. Shapes are channels-first, as in the
// `.nn` text. W4 drops half of its last layer; the libraries draw differently, so losses are compared with nothing dropped.
export const workloads = {
  w1: { batch: 64, input: 'image', target: 'digit', shape: [784], optimizer: 'momentum', dropped: 0 },
  w2: { batch: 128, input: 'image', target: 'digit', shape: [784], optimizer: 'adam', dropped: 0 },
  w3: { batch: 64, input: 'image', target: 'digit', shape: [1, 28, 28], optimizer: 'momentum', dropped: 0 },
  w4: { batch: 64, input: 'image', target: 'object', shape: [3, 32, 32], optimizer: 'adam', dropped: 0.5 },
  w5: { batch: 32, input: 'tokens', target: 'label', shape: [64, 64], optimizer: 'adam', dropped: 0 },
};

export const classes = 10;

/** Different batches, taken in turn. */
export const batches = 16;

/** Steps whose losses are compared. */
export const checkedSteps = 5;

export const tolerance = 1e-3;

export const rates = { momentum: 0.01, adam: 1e-3 };
