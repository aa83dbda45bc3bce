import { elementwise } from './elementwise.ts';

// da = dy / b, db = −(dy / b) · y
export const divide = elementwise(
  'y = a / b',
  'divide',
  2,
  ({ emit, inputs: [, b], output, cotangent, wanted }) => {
    if (!b) return [];
    const quotient = emit.divide(cotangent, b);
    return [quotient, wanted(1) ? emit.negate(emit.multiply(quotient, output)) : undefined];
  },
  {
    range: [
      [-2, 2],
      [0.5, 2],
    ],
  },
);
