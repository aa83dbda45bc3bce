import { elementwise } from './elementwise.ts';

// dx = dy · cos(x)
export const sin = elementwise('y = sin(x)', 'sin', 1, ({ emit, inputs, cotangent }) => [
  emit.multiply(cotangent, emit.apply('cos', inputs)),
]);
