import { elementwise } from './elementwise.ts';

// da = dy, db = dy
export const add = elementwise('y = a + b', 'add', 2, ({ cotangent }) => [cotangent, cotangent]);
