// Rewrites a scatter-add as a gather: for targets with one thread per element and no scatter, and for readers.
import type { Buffers } from '../../ir/linear/build.ts';
import type { MapKernel, ScatterKernel } from '../../ir/stages/type.ts';
import { apply, at, number, position, reduce } from '../../ops/expressions.ts';

/** output[v, d…] = Σ over i… of values[i…, d…] where ids[i…] = v */
export function gatherForm(kernel: ScatterKernel, buffers: Buffers): MapKernel {
  const axes = buffers.get(kernel.output).shape.map((size, i) => ({
    id: i === 0 ? 'row' : `column_${i}`,
    size,
    hint: i === 0 ? 'row' : 'column',
  }));
  const places = buffers.get(kernel.ids).shape.map((size, i) => ({ id: `place_${i}`, size, hint: 'k' }));
  const [row, ...columns] = axes;
  if (!row) throw new Error(`${kernel.name}: a scatter-add needs rows`);
  // An id out of range is clamped to the nearest row, as in lookups.
  const id = { kind: 'read', buffer: kernel.ids, index: places.map(at) } as const;
  const nearest = apply('maximum', apply('minimum', id, number(row.size - 1)), number(0));
  const value = { kind: 'read', buffer: kernel.values, index: [...places, ...columns].map(at) } as const;
  const here = apply('select', apply('equal', nearest, position(at(row))), value, number(0));
  return { ...kernel, kind: 'map', axes, body: reduce('sum', places, here) };
}
