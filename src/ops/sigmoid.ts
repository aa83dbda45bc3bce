import { elementwise } from './elementwise.ts';

// dx = dy · y · (1 − y)
export const sigmoid = elementwise('y = 1 / (1 + exp(−x))', 'sigmoid', 1, ({ emit, output, cotangent }) => [
  emit.multiply(cotangent, emit.multiply(output, emit.subtract(1, output))),
]);
