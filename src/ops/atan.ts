import { elementwise } from './elementwise.ts';

// dx = dy / (1 + x²)
export const atan = elementwise('y = atan(x)', 'atan', 1, ({ emit, inputs: [x], cotangent }) => [
  x && emit.divide(cotangent, emit.add(emit.multiply(x, x), 1)),
]);
