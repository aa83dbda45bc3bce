import { expect } from 'vitest';
import type { Graph } from '../../../src/ir/graph/type.ts';
import { prepare } from '../../ops/samples.ts';

/** Both graphs give the same, but for rounding. */
export function expectSame(
  before: Graph,
  after: Graph,
  given: Readonly<Record<string, readonly number[]>>,
): void {
  const [expected, found] = [before, after].map((graph) => prepare(graph)(given));
  expect([...(found?.keys() ?? [])]).toEqual([...(expected?.keys() ?? [])]);
  for (const [name, values] of expected ?? []) {
    values.forEach((value, i) => {
      const other = found?.get(name)?.[i] ?? NaN;
      const close = Math.abs(other - value) <= 1e-11 + 1e-10 * Math.abs(value);
      expect(close, `${name}[${i}] was ${value} and is ${other}`).toBe(true);
    });
  }
}
