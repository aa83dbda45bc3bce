import { elementwise } from './elementwise.ts';

// dx = dy · 2/√π · exp(−x²)
export const erf = elementwise('y = erf(x)', 'erf', 1, ({ emit, inputs: [x], cotangent }) => [
  x &&
    emit.multiply(
      cotangent,
      emit.multiply(emit.exp(emit.negate(emit.multiply(x, x))), 2 / Math.sqrt(Math.PI)),
    ),
]);
