import { elementwise } from './elementwise.ts';

// dx = dy · cosh(x)
export const sinh = elementwise('y = sinh(x)', 'sinh', 1, ({ emit, inputs: [x], cotangent }) => [
  x && emit.multiply(cotangent, emit.multiply(emit.add(emit.exp(x), emit.exp(emit.negate(x))), 0.5)),
]);
