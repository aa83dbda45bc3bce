import { elementwise } from './elementwise.ts';

// dx = dy · sign(x); at 0 the gradient is 0
export const abs = elementwise(
  'y = |x|',
  'abs',
  1,
  ({ emit, inputs, cotangent }) => [emit.multiply(cotangent, emit.apply('sign', inputs))],
  { kinks: [0] },
);
