import { elementwise } from './elementwise.ts';

// da = dy · b, db = dy · a
export const multiply = elementwise(
  'y = a · b',
  'multiply',
  2,
  ({ emit, inputs: [a, b], cotangent, wanted }) => [
    wanted(0) && b ? emit.multiply(cotangent, b) : undefined,
    wanted(1) && a ? emit.multiply(cotangent, a) : undefined,
  ],
);
