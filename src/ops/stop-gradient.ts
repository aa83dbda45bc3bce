import { elementwise } from './elementwise.ts';
import { number } from './expressions.ts';

// The value as it is; no cotangent passes. Lowered to a plain read, so that fusion leaves nothing of it.
export const stopGradient = elementwise('y = x, held fixed', (x = number(0)) => x, 1, 'none');
