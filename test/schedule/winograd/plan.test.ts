// What a plan by Winograd's filtering says of its operands, matrices and scratch memory.
import { describe, expect, test } from 'vitest';
import { wasmFused, type Machine } from '../../../src/schedule/machine/machine.ts';
import { machineOf } from '../../../src/schedule/machine/native.ts';
import type { WinogradPlan } from '../../../src/schedule/type.ts';
import { convolutional, planText } from '../plans.ts';

const outputs = (machine: Machine, size = 12, channels = 16) =>
  planText(convolutional(channels, size), machine, { program: 'forward' }).plan('relu_1', 'winograd');
const filter = (machine: Machine, size = 12) =>
  planText(convolutional(16, size), machine).plan('conv2d_2.W.new', 'winograd');

describe.each([wasmFused, machineOf('avx512')])('on $name', (machine) => {
  const { lanes } = machine;

  test.each([
    ['outputs', outputs(machine)],
    ['filter', filter(machine)],
  ])('register tiles of %s cover every row once', (_, { matrices }) => {
    let next = 0;
    for (const { first, tiles, height } of matrices.heights) {
      expect(first).toBe(next);
      expect(height).toBeLessThanOrEqual(matrices.tile.rows);
      next += tiles * height;
    }
    expect(next).toBe(matrices.rows);
  });

  test.each([
    ['outputs', outputs(machine)],
    ['filter', filter(machine)],
  ])('areas of %s follow one another, and hold every product', (_, plan: WinogradPlan) => {
    let end = 0;
    for (const { offset, elements } of plan.areas) {
      expect(offset).toBe(end);
      end = offset + Math.ceil((4 * elements) / 64) * 64;
    }
    expect(plan.scratch).toBe(end);
    const { rows, depth, panels, width, steps } = plan.matrices;
    const elements = (role: string) => plan.areas.find((area) => area.role === role)?.elements ?? 0;
    expect(steps.right).toBeGreaterThanOrEqual(depth * panels * width);
    expect(steps.sums).toBeGreaterThanOrEqual(rows * panels * width);
    expect(elements('sums')).toBe(plan.geometry.products ** 2 * steps.sums);
  });

  test('a convolution multiplies tiles × channels by channels × filters', () => {
    const { form, geometry, matrices } = outputs(machine);
    expect(form.kind).toBe('outputs');
    expect(geometry).toMatchObject({ tile: 4, products: 6, down: 3, across: 3 });
    expect(matrices.rows).toBe(geometry.images * geometry.rows * geometry.across);
    expect(matrices.depth).toBe(16);
    expect(matrices.width).toBe(matrices.tile.vectors * lanes);
  });

  test("a filter's gradient sums over tiles, each slice of the sum a work item", () => {
    const { form, matrices, blocks, items, filter: own } = filter(machine);
    expect(form.kind).toBe('filter');
    expect(form.batch).toMatchObject([{ hint: 'slice', size: 16 }]);
    expect(matrices.rows).toBe(16 / blocks.rows);
    expect([own?.gradient.reads, own?.gradient.transform]).toEqual([4, 'gradient']);
    expect(items).toBe(16 * blocks.rows);
  });
});

test('an image that tiles do not divide is zero beyond its edge, one that they divide needs no guard', () => {
  const guarded = outputs(wasmFused, 14).image.formula;
  const guards = (formula: typeof guarded) => (formula.kind === 'guard' ? formula.conditions : []);
  // 14 = 3 · 4 + 2: a tile reads 6 elements, windows 2 past a place.
  const beyond = { kind: 'inside', limit: 14 + 2 };
  expect(guards(guarded)).toMatchObject([beyond, beyond]);
  expect(guards(outputs(wasmFused, 12).image.formula)).not.toMatchObject([{ limit: 14 }, { limit: 14 }]);
});

test('few channels stay direct', () => {
  const few = planText(convolutional(4, 12), wasmFused, { program: 'forward' }).plan('relu_1', 'contraction');
  if (few.winograd.reason !== 'cost') throw new Error(few.winograd.reason);
  expect(few.winograd.limit).toBe(few.cost);
  expect(few.winograd.cost).toBeGreaterThan(few.cost);
});
