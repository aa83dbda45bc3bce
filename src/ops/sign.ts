import { elementwise } from './elementwise.ts';

// dx = 0
export const sign = elementwise(
  'y = −1, 0 or 1, as x is negative, zero or positive',
  'sign',
  1,
  () => [undefined],
  {
    kinks: [0],
  },
);
