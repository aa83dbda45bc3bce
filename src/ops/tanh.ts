import { elementwise } from './elementwise.ts';

// dx = dy · (1 − y²)
export const tanh = elementwise('y = tanh(x)', 'tanh', 1, ({ emit, output, cotangent }) => [
  emit.multiply(cotangent, emit.subtract(1, emit.multiply(output, output))),
]);
