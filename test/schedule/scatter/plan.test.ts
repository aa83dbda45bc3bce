// How a scatter-add is shared: by columns.
import { expect, test } from 'vitest';
import { wasmFused } from '../../../src/schedule/machine/machine.ts';
import { machineOf } from '../../../src/schedule/machine/native.ts';
import { planScatter } from '../../../src/schedule/scatter/plan.ts';

const shape = { name: 'd_table', ids: 0, values: 1, output: 2, rows: 1000, width: 100, count: 64 };

test('work items own four vectors of columns', () => {
  expect(planScatter(shape, wasmFused)).toMatchObject({ vectors: 25, vectorsPerItem: 4, items: 7 });
  expect(planScatter(shape, machineOf('avx512'))).toMatchObject({ vectors: 7, items: 2 });
});
