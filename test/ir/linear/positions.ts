// Positions for tests.
import { axisPosition, combine } from '../../../src/ir/linear/position.ts';
import type { Position } from '../../../src/ir/linear/type.ts';

/** constant + Σ factor · axis */
export const sum = (factors: Readonly<Record<string, number>>, constant = 0): Position =>
  combine(
    Object.entries(factors).map(([axis, factor]) => [axisPosition(axis), factor]),
    constant,
  );
