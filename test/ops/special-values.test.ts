// NaN, infinities, signed zeros, subnormals and the largest float32 through every element-wise primitive.
import { describe, expect, test } from 'vitest';
import { operationOf } from '../../src/ops/table.ts';
import { scalars } from './references.ts';
import { prepare, sampleGraph } from './samples.ts';

const specials = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1e-45,
  -1e-45,
  3.4e38,
  -3.4e38,
  1,
  -1,
  0.5,
  -2.5,
  100,
  -100,
];

type ElementwiseName = keyof typeof scalars;

/** What the reference formula does not tell, being another formula than the definition. */
const exceptions: Partial<Record<ElementwiseName, (...operands: readonly number[]) => number | undefined>> = {
  // cos(±x − π/2) and sin² lose all digits of a large x: compare with the function itself.
  sin: (a = 0) => Math.sin(a),
  cos: (a = 0) => Math.cos(a),
  sqrt: (a = 0) => Math.sqrt(a),
  sigmoid: (a = 0) => 1 / (1 + Math.exp(-a)),
  log: (a = 0) => Math.log(a),
  exp: (a = 0) => Math.exp(a),
};

describe('special values', () => {
  test.each(Object.keys(scalars) as ElementwiseName[])('%s', (name) => {
    const reference: (...operands: readonly number[]) => number = scalars[name];
    const arity = reference.length;
    const operands = combinations(arity);
    const shapes = Array.from({ length: arity }, () => [operands.length]);
    const sample = { shapes, attributes: {} };
    const { builder, result } = sampleGraph({ name, title: name, operation: operationOf(name), sample });
    builder.output('y', result);
    const given = shapes.map((_, i) => [`x${i}`, operands.map((row) => row[i] ?? 0)] as const);
    const computed = prepare(builder.finish())(Object.fromEntries(given)).get('y') ?? new Float64Array();
    operands.forEach((row, i) => {
      const expected = exceptions[name]?.(...row) ?? reference(...row);
      expect(
        agree(computed[i] ?? 0, expected),
        `${name}(${row.join(', ')}) is ${computed[i]}, not ${expected}`,
      ).toBe(true);
    });
  });
});

/** NaN only with NaN, infinities only with themselves; the sign of a zero is nobody's concern. */
function agree(computed: number, expected: number): boolean {
  if (Number.isNaN(expected)) return Number.isNaN(computed);
  if (!Number.isFinite(expected)) return computed === expected;
  return Math.abs(computed - expected) <= 1e-11 * Math.max(1e-30, Math.abs(expected));
}

function combinations(arity: number): readonly (readonly number[])[] {
  const few = arity === 3 ? [NaN, Infinity, 0, -0, 1, -2.5] : specials;
  return Array.from({ length: arity }).reduce<readonly (readonly number[])[]>(
    (rows) => rows.flatMap((row) => few.map((value) => [...row, value])),
    [[]],
  );
}
