import { elementwise } from './elementwise.ts';

// da = dy where b ≤ a, else 0; db = the rest of dy: a tie is the first operand's, as the first of equal elements takes a reduction's.
// So min(max(x, low), high) has gradient 1 at its bounds. For 0 there, relu(x) or max(0, x).
export const maximum = elementwise(
  'y = max(a, b)',
  'maximum',
  2,
  ({ emit, inputs: [a, b], cotangent }) => {
    if (!a || !b) return [];
    const first = emit.lessEqual(b, a);
    return [emit.select(first, cotangent, 0), emit.select(first, 0, cotangent)];
  },
  { distinct: true },
);
