import { elementwise } from './elementwise.ts';

// da = 0, db = 0
export const less = elementwise('y = 1 where a < b, else 0', 'less', 2, () => [undefined, undefined], {
  distinct: true,
});
