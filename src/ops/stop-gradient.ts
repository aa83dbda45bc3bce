import { elementwise } from './elementwise.ts';
import { number } from './expressions.ts';

// The identity with a zero cotangent. Lowered to a plain read, which fusion eliminates.
export const stopGradient = elementwise('y = x, held fixed', (x = number(0)) => x, 1, 'none');
