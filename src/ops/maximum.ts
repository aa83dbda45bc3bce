import { elementwise } from './elementwise.ts';

// da = dy where b ≤ a, else 0; db = dy − da. A tie goes to the first operand, as it goes to the first element in a reduction. So
// min(max(x, low), high) has gradient 1 at its bounds. For gradient 0 at a tie: relu(x) or max(0, x).
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
