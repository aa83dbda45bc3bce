import { elementwise } from './elementwise.ts';

// da = 0, db = 0
export const lessEqual = elementwise(
  'y = 1 where a ≤ b, else 0',
  'less_equal',
  2,
  () => [undefined, undefined],
  {
    distinct: true,
  },
);
