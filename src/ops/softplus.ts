import { elementwise } from './elementwise.ts';

// dx = dy · sigmoid(x)
export const softplus = elementwise(
  'y = max(x, 0) + log(1 + exp(−|x|))',
  'softplus',
  1,
  ({ emit, inputs: [x], cotangent }) => [x && emit.multiply(cotangent, emit.sigmoid(x))],
);
