import { elementwise } from './elementwise.ts';

// da = dy where a ≤ b, else 0; db = dy − da. A tie goes to the first operand, as in max(a, b).
export const minimum = elementwise(
  'y = min(a, b)',
  'minimum',
  2,
  ({ emit, inputs: [a, b], cotangent }) => {
    if (!a || !b) return [];
    const first = emit.lessEqual(a, b);
    return [emit.select(first, cotangent, 0), emit.select(first, 0, cotangent)];
  },
  { distinct: true },
);
