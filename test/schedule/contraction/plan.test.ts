// How contractions are tiled, cut, and packed on machines of different lanes and registers.
import { describe, expect, test } from 'vitest';
import { wasmFused, wasmPlain, type Machine } from '../../../src/schedule/machine/machine.ts';
import { machineOf } from '../../../src/schedule/machine/native.ts';
import { convolutional, dense, planText } from '../plans.ts';

const [avx512, sse2] = [machineOf('avx512'), machineOf('sse2')];
const forward = (inputs: number, outputs: number, machine: Machine, batch = 64) =>
  planText(dense(inputs, outputs), machine, { program: 'forward', batch });

describe('the register tile', () => {
  test.each([
    // 64 = 9 · 6 + 2 · 5 = 12 · 5 + 1 · 4 = 4 · 13 + 12: no row is padded.
    { machine: wasmFused, rows: 6, vectors: 2, full: 9, tiles: 11 },
    { machine: wasmPlain, rows: 5, vectors: 2, full: 12, tiles: 13 },
    { machine: sse2, rows: 5, vectors: 2, full: 12, tiles: 13 },
    { machine: avx512, rows: 13, vectors: 2, full: 4, tiles: 5 },
  ])('of 64 rows on $machine.name', ({ machine, rows, vectors, full, tiles }) => {
    const plan = forward(784, 128, machine).plan('relu_1', 'contraction');
    expect(plan.lanes).toBe(machine.lanes);
    expect(plan.tile).toMatchObject({ rows, vectors });
    expect(plan.rows).toMatchObject({ count: 64, rows, full });
    expect(plan.blocks.rows.tiles).toBe(tiles);
  });

  test('ten columns are rows of the tile, so that the 64 examples fill the lanes', () => {
    const plan = forward(784, 10, wasmFused).plan('relu_1', 'contraction');
    expect(plan.rows.count).toBe(10);
    // The tile has room for six rows; both have one fewer.
    expect(plan.rows).toMatchObject({ rows: 6, full: 0 });
    expect(plan.blocks.rows.tiles).toBe(2);
    expect(plan.vectors.along.size).toBe(64);
  });
});

describe('blocks', () => {
  test('a work item computes every row of some columns; the packed rows stay', () => {
    const { blocks, items } = forward(784, 128, wasmFused).plan('relu_1', 'contraction');
    expect(blocks.keep).toBe('rows');
    expect(blocks.rows).toEqual({ tiles: 11, perBlock: 11, blocks: 1 });
    expect(blocks.vectors).toEqual({ tiles: 16, perBlock: 1, blocks: 16 });
    expect(items).toBe(16);
  });

  test('what is little work is one item', () => {
    const plan = forward(32, 10, wasmFused).plan('relu_1', 'contraction');
    expect(plan.items).toBe(1);
    expect(plan.blocks.depth).toEqual({ longest: 32 });
  });

  test('a depth that fits is whole, a longer one is cut where its machine says', () => {
    const whole = forward(1280, 32, wasmFused, 4096).plan('relu_1', 'contraction');
    expect(whole.blocks.depth).toEqual({ longest: 1280 });
    const long = forward(1600, 32, wasmFused, 4096).plan('relu_1', 'contraction');
    // 1600 = 7 pieces of at most 256, evened out to a multiple of 16
    expect(long.blocks.depth).toMatchObject({ longest: 240, split: { chunk: 240, axis: { size: 1600 } } });
    const native = forward(1600, 32, avx512, 4096).plan('relu_1', 'contraction');
    expect(native.blocks.depth).toEqual({ longest: 1600 });
  });

  test('a long depth of few outputs is sliced, and a second group adds the slices up', () => {
    const planned = forward(6000, 128, wasmFused);
    expect(planned.plans.map(({ kind }) => kind)).toEqual(['contraction', 'map']);
    const [product, total] = planned.plans;
    if (product?.kind !== 'contraction' || total?.kind !== 'map') throw new Error('other plans');
    expect(product.batch).toMatchObject([{ size: 16, hint: 'slice' }]);
    expect(product.depth).toMatchObject([{ size: 375 }]);
    expect(total.computations[0]?.formula).toMatchObject({ kind: 'apply', function: 'maximum' });
  });

  test('fit the memory that is laid out for them', () => {
    for (const machine of [wasmFused, wasmPlain, sse2, avx512]) {
      const { scratch, blocks, tile } = forward(1600, 32, machine, 4096).plan('relu_1', 'contraction');
      const { rows, vectors, depth } = blocks;
      const width = tile.vectors * machine.lanes;
      expect(scratch.vectors).toBeGreaterThanOrEqual(4 * rows.perBlock * depth.longest * tile.rows);
      expect(scratch.sums - scratch.vectors).toBeGreaterThanOrEqual(
        4 * vectors.perBlock * depth.longest * width,
      );
      const sums = depth.split ? rows.perBlock * vectors.perBlock : 1;
      expect(scratch.bytes - scratch.sums).toBe(4 * sums * tile.rows * width);
    }
  });
});

describe('packing', () => {
  test('is transposed along the depth where that is how operands lie', () => {
    const { staging } = forward(784, 128, wasmFused).plan('relu_1', 'contraction');
    const transposed = { access: 'transposed', panels: 'one by one', unrolled: [] };
    expect(staging).toEqual({ rows: transposed, vectors: transposed });
  });

  test('is in order, all panels together, where each step of the depth is a row of both operands', () => {
    const { staging } = planText(dense(784, 128), wasmFused).plan('linear_1.W.new', 'contraction');
    const inOrder = { access: 'in order', panels: 'together', unrolled: [] };
    expect(staging).toEqual({ rows: inOrder, vectors: inOrder });
  });

  test("unrolls a window's axes, and packs the panels of several axes one by one", () => {
    const { staging, depth } = planText(convolutional(4, 12), wasmFused, { program: 'forward' }).plan(
      'relu_1',
      'contraction',
    );
    expect(depth.map(({ size }) => size)).toEqual([4, 3, 3]);
    expect(staging.rows.access).toBe('scattered');
    expect(staging.vectors).toMatchObject({ access: 'in order', panels: 'one by one' });
    expect(staging.vectors.unrolled).toEqual(depth.slice(1));
  });
});

test('the epilogue is unrolled where the rows are one axis', () => {
  expect(forward(784, 128, wasmFused).plan('relu_1', 'contraction').epilogue).toBe('unrolled');
});
