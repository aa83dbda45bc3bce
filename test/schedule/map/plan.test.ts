// How element-wise kernels and reductions are vectorized and shared.
import { describe, expect, test } from 'vitest';
import type { Formula, Computation } from '../../../src/ir/linear/type.ts';
import { wasmFused } from '../../../src/schedule/machine/machine.ts';
import { machineOf } from '../../../src/schedule/machine/native.ts';
import { planMap } from '../../../src/schedule/map/plan.ts';
import { sum } from '../../ir/linear/positions.ts';
import { axis, map } from '../../ir/stages/programs.ts';

const address = (buffer: number, terms: Readonly<Record<string, number>>) => ({
  buffer,
  position: sum(terms),
});
const read = (buffer: number, terms: Readonly<Record<string, number>>): Formula => ({
  kind: 'read',
  ...address(buffer, terms),
});
const exp = (operand: Formula): Formula => ({ kind: 'apply', function: 'exp', operands: [operand] });

function computation(
  sizes: Readonly<Record<string, number>>,
  terms: Readonly<Record<string, number>>,
  formula: Formula,
): Computation {
  const axes = Object.entries(sizes).map(([id, size]) => axis(id, size));
  const kernel = map(9, axes, { kind: 'number', value: 0 });
  return { kernel, axes, output: address(9, terms), formula };
}

const plan = (one: Computation, machine = wasmFused) => planMap([one], new Set([9]), machine);

/** y[i] = exp(x[i]) */
const vector = (size: number) => computation({ i: size }, { i: 1 }, exp(read(0, { i: 1 })));
/** y[r, i] = exp(x[r, i] + b[i]), which keeps the axes apart */
const matrix = (rows: number, size: number) =>
  computation(
    { r: rows, i: size },
    { r: size, i: 1 },
    {
      kind: 'apply',
      function: 'add',
      operands: [exp(read(0, { r: size, i: 1 })), read(1, { i: 1 })],
    },
  );

describe('one axis', () => {
  test('that is short is one item, its last vector in the padding', () => {
    expect(plan(vector(10))).toMatchObject({
      items: 1,
      shared: [],
      serial: [],
      vector: { end: 12, remainder: 0, unrolled: true, chunks: 1 },
    });
    expect(plan(vector(10), machineOf('avx512')).vector).toMatchObject({ end: 16, remainder: 0 });
  });

  test('that is long is cut into chunks of whole cache lines', () => {
    const { items, vector: loop } = plan(vector(100_000));
    expect(loop?.chunk).toBe(2048);
    expect([items, loop?.chunks]).toEqual([49, 49]);
    expect((loop?.chunk ?? 1) % 16).toBe(0);
  });

  test('is merged of those that every address steps through as through one', () => {
    const one = computation({ r: 8, i: 16 }, { r: 16, i: 1 }, exp(read(0, { r: 16, i: 1 })));
    expect(plan(one).axes).toMatchObject([{ size: 128 }]);
  });
});

describe('two axes', () => {
  test('of much work share the outer one, and end in a masked vector', () => {
    const found = plan(matrix(64, 130));
    expect(found.shared.map(({ id }) => id)).toEqual(['r']);
    expect(found.items).toBe(64);
    expect(found.vector).toMatchObject({ axis: { id: 'i' }, end: 128, remainder: 2, unrolled: false });
  });

  test('of little work are one item', () => {
    const found = plan(matrix(4, 10));
    expect([found.items, found.shared, found.serial.map(({ id }) => id)]).toEqual([1, [], ['r']]);
    expect(found.vector).toMatchObject({ end: 8, remainder: 2, unrolled: true });
  });

  test('are vectorized along the one that is read and stored in order', () => {
    const transposed = computation({ r: 64, i: 128 }, { r: 1, i: 64 }, exp(read(0, { r: 1, i: 64 })));
    const [only] = plan(transposed).axes;
    expect(plan(transposed).vector?.axis.id).toBe('r');
    expect(only?.id).toBe('r');
  });
});

describe('a reduction', () => {
  const reduction = (size: number, reducer: 'sum' | 'argmax' = 'sum'): Formula => ({
    kind: 'reduce',
    reducer,
    axes: [axis('k', size)],
    value: read(0, { i: size, k: 1 }),
  });
  const loops = (outputs: number, formula: Formula) => {
    const [planned] = plan(computation({ i: outputs }, { i: 1 }, formula)).computations;
    return planned?.formula.kind === 'reduce' ? planned.formula.loops : undefined;
  };

  test('that is short is unrolled', () => {
    expect(loops(64, reduction(9))).toEqual({ kind: 'unrolled' });
    expect(loops(64, reduction(9, 'argmax'))).toEqual({ kind: 'unrolled' });
  });

  test('that is long has the lanes along it, and four accumulators', () => {
    expect(plan(computation({ i: 4 }, { i: 1 }, reduction(1024))).vector).toBeUndefined();
    expect(loops(4, reduction(1024))).toMatchObject({ kind: 'vector', axis: { id: 'k' }, accumulators: 4 });
    expect(loops(4, reduction(28))).toMatchObject({ kind: 'vector', accumulators: 1 });
  });

  test('is serial where the outputs fill the lanes', () => {
    const columns: Formula = {
      kind: 'reduce',
      reducer: 'sum',
      axes: [axis('k', 100)],
      value: read(0, { i: 1, k: 64 }),
    };
    expect(loops(64, columns)).toEqual({ kind: 'serial', accumulators: 4 });
    expect(loops(64, reduction(100, 'argmax'))).toEqual({ kind: 'serial', accumulators: 1 });
  });
});
