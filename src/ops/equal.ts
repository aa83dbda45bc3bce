import { elementwise } from './elementwise.ts';

// da = 0, db = 0
export const equal = elementwise('y = 1 where a = b, else 0', 'equal', 2, () => [undefined, undefined], {
  integers: { 0: 2, 1: 2 },
});
