import { elementwise } from './elementwise.ts';

// da = dy where c ≠ 0, else 0; db = dy − da; no cotangent for the condition
export const select = elementwise(
  'y = a where c ≠ 0, else b',
  'select',
  3,
  ({ emit, inputs: [condition], cotangent, wanted }) => {
    if (!condition) return [];
    return [
      undefined,
      wanted(1) ? emit.select(condition, cotangent, 0) : undefined,
      wanted(2) ? emit.select(condition, 0, cotangent) : undefined,
    ];
  },
  { integers: { 0: 2 } },
);
