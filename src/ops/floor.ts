import { elementwise } from './elementwise.ts';

// dx = 0
export const floor = elementwise('y = ⌊x⌋', 'floor', 1, () => [undefined], { kinks: [-2, -1, 0, 1, 2] });
