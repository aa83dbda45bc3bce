import { elementwise } from './elementwise.ts';

// dx = dy / (1 + x)
export const log1p = elementwise(
  'y = log(1 + x)',
  'log1p',
  1,
  ({ emit, inputs: [x], cotangent }) => [x && emit.divide(cotangent, emit.add(x, 1))],
  { range: [-0.5, 2] },
);
