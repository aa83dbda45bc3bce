// Plans as people read them.
import { expect, test } from 'vitest';
import { wasmFused } from '../../src/schedule/machine/machine.ts';
import { machineOf } from '../../src/schedule/machine/native.ts';
import { printPlan } from '../../src/schedule/print.ts';
import { planScatter } from '../../src/schedule/scatter/plan.ts';
import { convolutional, dense, planText } from './plans.ts';

const print = (planned: ReturnType<typeof planText>) => planned.plans.map(printPlan).join('');

test('a contraction', () => {
  expect(print(planText(dense(784, 128), machineOf('avx512'), { program: 'forward' })))
    .toMatchInlineSnapshot(`
    "contraction relu_1: rows i:64, vectors j:128, depth k:784
      tiles: 4 of 13 and 1 of 12 rows × 2 vectors of 16
      blocks: 1 × 4 of 5 × 1 tiles, keeps rows, depth whole
      packing: rows transposed, panels one by one; vectors transposed, panels one by one
      epilogue: rows unrolled; scratch 310272 bytes
      Winograd: no convolution of 3 × 3
      4 work items, cost 338337
    "
  `);
});

test('slices of a contraction, and the map that adds them up', () => {
  expect(print(planText(dense(6000, 128), wasmFused, { program: 'forward' }))).toMatchInlineSnapshot(`
    "contraction relu_1: batch k·slice:16, rows i:64, vectors j:128, depth k·rest:375
      tiles: 9 of 6 and 2 of 5 rows × 2 vectors of 4
      blocks: 1 × 1 of 11 × 16 tiles, keeps rows, depth whole
      packing: rows transposed, panels one by one; vectors transposed, panels one by one
      epilogue: rows unrolled; scratch 291648 bytes
      Winograd: no convolution of 3 × 3
      16 work items, cost 7454504
    map relu_1: over i:64 j:128
      loops: shared i:64, vectors of 4 along j:128
      vectors: whole to 128
      sum over k·slice:16 in relu_1: serial, 4 accumulators
      64 work items, cost 73728
    "
  `);
});

test("a filter's gradient by Winograd's filtering", () => {
  const planned = planText(convolutional(16, 12), wasmFused);
  expect(printPlan(planned.plan('conv2d_2.W.new', 'winograd'))).toMatchInlineSnapshot(`
    "winograd conv2d_2.W.new: F(3 × 3, 4 × 4), the filter's gradient, windows l, m over k_2:12 k_3:12
      axes: batch k·slice:16, images k·rest:4, channels j:16, filters i:16
      tiles: 3 × 3 an image; blocks of 4 images × 3 tile rows
      products: 36 of 16 × 36 × 16, register tiles 1 of 6 and 2 of 5 rows × 2 vectors of 4
      vectors: channels of the image
      items: 16 × 1 × 1; scratch 218752 bytes; directly it would cost 3991983
      16 work items, cost 1500897
    "
  `);
});

test('why a convolution is not computed so', () => {
  const planned = planText(convolutional(4, 12), wasmFused, { program: 'forward' });
  expect(printPlan(planned.plan('relu_1', 'contraction'))).toMatchInlineSnapshot(`
    "contraction relu_1: rows j:4, vectors i:64 l:12 m:12, depth k:4 k_2:3 k_3:3
      tiles: 1 of 4 rows × 2 vectors of 4
      blocks: 1 × 8 of 1 × 144 tiles, keeps rows, depth whole
      packing: rows scattered, panels one by one, k_2:3 k_3:3 unrolled; vectors in order, panels one by one, k_2:3 k_3:3 unrolled
      epilogue: rows unrolled; scratch 167072 bytes
      Winograd: costs 509906, must be below 373189
      8 work items, cost 373189
    "
  `);
});

test('a scatter-add', () => {
  const shape = { name: 'd_table', ids: 0, values: 1, output: 2, rows: 1000, width: 100, count: 64 };
  expect(printPlan(planScatter(shape, wasmFused))).toMatchInlineSnapshot(`
    "scatter d_table: 64 rows of 100 into 1000
      items own 4 vectors of 4 columns
      7 work items, cost 4800
    "
  `);
});
