import { elementwise } from './elementwise.ts';

// da = dy where a < b, else 0; db = the rest of dy. A tie is the second operand's.
export const minimum = elementwise(
  'y = min(a, b)',
  'minimum',
  2,
  ({ emit, inputs: [a, b], cotangent }) => {
    if (!a || !b) return [];
    const first = emit.less(a, b);
    return [emit.select(first, cotangent, 0), emit.select(first, 0, cotangent)];
  },
  { distinct: true },
);
