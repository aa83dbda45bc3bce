import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ranges, type Range } from '../../../src/ir/loops/ranges.ts';

test('meets what has a byte in common with one of them, as a look at each says', () => {
  const range = fc
    .tuple(fc.nat(60), fc.integer({ min: 1, max: 9 }))
    .map(([at, size]): Range => [at, at + size]);
  fc.assert(
    fc.property(fc.array(range), fc.array(range), (added, asked) => {
      const ranges = new Ranges();
      for (const each of added) ranges.add(each);
      for (const [start, end] of asked)
        expect(ranges.meets([start, end])).toBe(added.some(([from, to]) => start < to && from < end));
    }),
    { numRuns: 500 },
  );
});
