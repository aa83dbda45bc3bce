import { elementwise } from './elementwise.ts';

// dx = dy · y
export const exp = elementwise('y = exp(x)', 'exp', 1, ({ emit, output, cotangent }) => [
  emit.multiply(cotangent, output),
]);
