import { expect, test } from 'vitest';
import {
  asQuotient,
  atomPosition,
  positionOf,
  quotientOf,
  rangeOf,
} from '../../../src/ir/linear/position.ts';
import type { Position } from '../../../src/ir/linear/type.ts';
import { sum } from './positions.ts';

const sizes = new Map([
  ['i', 4],
  ['j', 5],
]);
const quotient = (of: Position, divisor: number) => atomPosition({ kind: 'quotient', of, divisor });

test('a range is between the ends of every axis, floors and what is looked up included', () => {
  expect(rangeOf(sum({ i: -2, j: 3 }, 1), sizes)).toEqual({ low: -5, high: 13 });
  expect(rangeOf(quotient(sum({ j: 1 }, -1), 2), sizes)).toEqual({ low: -1, high: 1 });
  const value = { kind: 'number', value: 0 } as const;
  expect(rangeOf(atomPosition({ kind: 'lookup', value, size: 7 }), sizes)).toEqual({ low: 0, high: 6 });
});

test('a quotient keeps what its divisor does not divide, and nothing where that stays below it', () => {
  expect(quotientOf(sum({ i: 5, j: 1 }, 10), 5, sizes)).toEqual(sum({ i: 1 }, 2));
  const left = quotientOf(sum({ i: 4, j: 1 }, 3), 4, sizes);
  expect(left.terms).toEqual([...sum({ i: 1 }).terms, ...quotient(sum({ j: 1 }, 3), 4).terms]);
});

test('an index is a sum of axes, or one quotient', () => {
  const terms = [
    { axis: 'i', factor: 2 },
    { axis: 'j', factor: 1 },
    { axis: 'i', factor: -2 },
  ];
  expect(positionOf({ constant: 1, terms, divisor: 1 })).toEqual(sum({ j: 1 }, 1));
  expect(asQuotient(positionOf({ constant: 1, terms, divisor: 3 }))).toMatchObject({
    of: sum({ j: 1 }, 1),
    divisor: 3,
  });
});
