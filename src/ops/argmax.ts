import { reduction } from './reduction.ts';

// dx = 0
export const argmax = reduction(
  'y = the flat position of the first maximum',
  'argmax',
  () => [undefined],
  true,
);
