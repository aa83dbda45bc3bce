import { elementwise } from './elementwise.ts';

// dx = −dy
export const negate = elementwise('y = −x', 'negate', 1, ({ emit, cotangent }) => [emit.negate(cotangent)]);
