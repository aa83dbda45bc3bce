import { elementwise } from './elementwise.ts';

// dx = dy / x
export const log = elementwise(
  'y = log(x)',
  'log',
  1,
  ({ emit, inputs: [x], cotangent }) => [x && emit.divide(cotangent, x)],
  { range: [0.5, 2] },
);
