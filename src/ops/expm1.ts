import { elementwise } from './elementwise.ts';

// dx = dy · exp(x)
export const expm1 = elementwise('y = exp(x) − 1', 'expm1', 1, ({ emit, inputs: [x], cotangent }) => [
  x && emit.multiply(cotangent, emit.exp(x)),
]);
