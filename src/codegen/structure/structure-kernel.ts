// Turns a kernel into statements.
import type { Buffers } from '../../ir/linear/build.ts';
import type { BufferId, Kernel } from '../../ir/stages/type.ts';
import { buffersRead } from '../../ir/stages/walk.ts';
import { expandPowers } from './expand-powers.ts';
import { flattenKernel } from './flatten.ts';
import { gatherForm } from './gather-form.ts';
import type { KernelBody } from './statements.ts';
import { structure, type StructureOptions } from './structure.ts';

export function structureKernel(kernel: Kernel, buffers: Buffers, options: StructureOptions): KernelBody {
  const flat = flattenKernel(kernel.kind === 'map' ? kernel : gatherForm(kernel, buffers), buffers);
  return structure(options.strict ? flat : { ...flat, body: expandPowers(flat.body) }, options);
}

/** The buffers with storage of their own that the statements read, in the order of the formula. */
export function readsInOrder(
  kernel: Kernel,
  buffers: Buffers,
  printed: ReadonlySet<BufferId>,
): readonly BufferId[] {
  const roots = buffersRead(kernel).map((id) => buffers.owner(id));
  return [...new Set(roots)].filter((id) => printed.has(id));
}
