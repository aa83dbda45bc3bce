import { elementwise } from './elementwise.ts';

// dx = dy · cosh(x)
export const sinh = elementwise('y = sinh(x)', 'sinh', 1, ({ emit, inputs, cotangent }) => [
  emit.multiply(cotangent, emit.apply('cosh', inputs)),
]);
