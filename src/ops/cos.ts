import { elementwise } from './elementwise.ts';

// dx = −dy · sin(x)
export const cos = elementwise('y = cos(x)', 'cos', 1, ({ emit, inputs, cotangent }) => [
  emit.negate(emit.multiply(cotangent, emit.apply('sin', inputs))),
]);
