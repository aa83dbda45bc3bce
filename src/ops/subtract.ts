import { elementwise } from './elementwise.ts';

// da = dy, db = −dy
export const subtract = elementwise('y = a − b', 'subtract', 2, ({ emit, cotangent, wanted }) => [
  cotangent,
  wanted(1) ? emit.negate(cotangent) : undefined,
]);
