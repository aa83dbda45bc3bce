import { elementwise } from './elementwise.ts';

// da = dy · b, db = dy · a; for a square, where both are equal, 2 · dy · a
export const multiply = elementwise(
  'y = a · b',
  'multiply',
  2,
  ({ emit, inputs: [a, b], cotangent, wanted }) => {
    if (!a || !b) return [];
    if (a.id === b.id) return [emit.multiply(emit.multiply(cotangent, 2), a), undefined];
    return [
      wanted(0) ? emit.multiply(cotangent, b) : undefined,
      wanted(1) ? emit.multiply(cotangent, a) : undefined,
    ];
  },
);
