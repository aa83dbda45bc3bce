// Integers of loops as numbers. NaN represents an undefined one, and propagates through every operation.
import type { IntegerOperator, LaneOperator } from '../type.ts';

type Run = () => number;

/** A float truncated to an integer; 0 where it is out of the 32-bit range or NaN. */
export function toInteger(value: number): number {
  return value >= -(2 ** 31) && value < 2 ** 31 ? Math.trunc(value) : 0;
}

/** Lane-wise operations on 32-bit integers. */
export const laneOperations: { readonly [operator in LaneOperator]: (a: number, b: number) => number } = {
  add: (a, b) => (a + b) | 0,
  subtract: (a, b) => (a - b) | 0,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  shift_left: (a, b) => a << b,
  shift_right: (a, b) => a >> b,
};

/** The operation on what two closures give. */
export function integerOperation(operator: IntegerOperator, a: Run, b: Run): Run {
  const truth = (holds: (x: number, y: number) => boolean) => () => {
    const [x, y] = [a(), b()];
    return Number.isNaN(x + y) ? NaN : Number(holds(x, y));
  };
  switch (operator) {
    case 'add':
      return () => a() + b();
    case 'subtract':
      return () => a() - b();
    case 'multiply':
      return () => a() * b();
    case 'quotient':
      return () => Math.trunc(a() / b());
    case 'remainder':
      return () => a() % b();
    case 'minimum':
      return () => Math.min(a(), b());
    case 'less':
      return truth((x, y) => x < y);
    case 'equal':
      return truth((x, y) => x === y);
    case 'unequal':
      return truth((x, y) => x !== y);
    case 'unsigned_less':
      return truth((x, y) => x >>> 0 < y >>> 0);
    case 'both':
      return truth((x, y) => x !== 0 && y !== 0);
    default:
      return operator satisfies never;
  }
}
