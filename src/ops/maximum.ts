import { elementwise } from './elementwise.ts';

// da = dy where b < a, else 0; db = the rest of dy. A tie is the second operand's, so that max(x, 0) has gradient 0 at 0.
export const maximum = elementwise(
  'y = max(a, b)',
  'maximum',
  2,
  ({ emit, inputs: [a, b], cotangent }) => {
    if (!a || !b) return [];
    const first = emit.less(b, a);
    return [emit.select(first, cotangent, 0), emit.select(first, 0, cotangent)];
  },
  { distinct: true },
);
