import { elementwise } from './elementwise.ts';
import { apply, number } from './expressions.ts';

// dx = dy where y > 0, else 0. From the output, so that the input need not be kept; at 0 the gradient is 0.
export const relu = elementwise(
  'y = max(x, 0)',
  (x = number(0)) => apply('maximum', x, number(0)),
  1,
  ({ emit, output, cotangent }) => [emit.select(emit.less(0, output), cotangent, 0)],
  { kinks: [0] },
);
