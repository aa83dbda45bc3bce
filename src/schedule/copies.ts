// Copies inserted at a program's end: an output, or the new value of a stored tensor, that is itself a stored tensor or an input is
// copied before the updates, so that no update overwrites it.
import { Buffers } from '../ir/linear/build.ts';
import type { Buffer, BufferId, KernelProgram, MapKernel } from '../ir/stages/type.ts';

export interface WithCopies {
  /** The program with a copy kernel for each copied buffer, after its own kernels. */
  readonly program: KernelProgram;
  /** The copy of each original, by the original's id. */
  readonly copyOf: ReadonlyMap<BufferId, BufferId>;
}

export function insertCopies(program: KernelProgram): WithCopies {
  const buffers = new Buffers(program);
  const updated = new Set(program.updates.map(({ stored }) => buffers.owner(stored)));
  const isTemporary = (id: BufferId) => buffers.get(buffers.owner(id)).role.kind === 'temporary';
  const changing = program.outputs
    .map(({ buffer }) => buffer)
    .filter((id) => !isTemporary(id) && updated.has(buffers.owner(id)));
  const moved = program.updates.map(({ value }) => value).filter((id) => !isTemporary(id));
  const originals = [...new Set([...changing, ...moved])];
  if (originals.length === 0) return { program, copyOf: new Map() };

  const free = freeBuffer(program);
  const copies = originals.map((id, i): Buffer => {
    const { name, shape, element } = buffers.get(id);
    return { id: free + i, name: `${name}_kept`, shape, element, role: { kind: 'temporary' } };
  });
  const copyOf = new Map(originals.map((id, i) => [id, free + i]));
  const extended = { ...program, buffers: [...program.buffers, ...copies] };
  const named = new Buffers(extended);
  return {
    program: {
      ...extended,
      kernels: [...program.kernels, ...originals.map((id, i) => copyKernel(free + i, id, named))],
      updates: program.updates.map(({ stored, value }) => ({ stored, value: copyOf.get(value) ?? value })),
    },
    copyOf,
  };
}

/** A buffer id that is not in use: one above the largest. */
export function freeBuffer({ buffers }: KernelProgram): BufferId {
  return buffers.reduce((most, { id }) => Math.max(most, id), -1) + 1;
}

/** target[i] = source[i], in the phase of the updates. */
export function copyKernel(target: BufferId, source: BufferId, buffers: Buffers): MapKernel {
  const { shape, name } = buffers.get(target);
  const axes = shape.map((size, i) => ({ id: `i${i}`, size }));
  const index = axes.map((axis) => ({ constant: 0, terms: [{ axis: axis.id, factor: 1 }], divisor: 1 }));
  return {
    kind: 'map',
    name: `copy_${name}`,
    output: target,
    axes,
    body: { kind: 'read', buffer: source, index },
    origin: { path: '' },
    phase: 'update',
    fused: [],
  };
}
