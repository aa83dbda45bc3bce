import { elementwise } from './elementwise.ts';

// dx = ½ · dy / y
export const sqrt = elementwise(
  'y = √x',
  'sqrt',
  1,
  ({ emit, output, cotangent }) => [emit.divide(emit.multiply(cotangent, 0.5), output)],
  { range: [0.5, 2] },
);
