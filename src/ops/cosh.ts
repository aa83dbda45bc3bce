import { elementwise } from './elementwise.ts';

// dx = dy · sinh(x)
export const cosh = elementwise('y = cosh(x)', 'cosh', 1, ({ emit, inputs, cotangent }) => [
  emit.multiply(cotangent, emit.apply('sinh', inputs)),
]);
