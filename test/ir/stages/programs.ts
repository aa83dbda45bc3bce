// Kernel programs written by hand, for tests of what reads them.
import type {
  Axis,
  Buffer,
  BufferRole,
  Expression,
  Kernel,
  KernelProgram,
  MapKernel,
} from '../../../src/ir/stages/type.ts';

export const zeros = { kind: 'fill', value: 0 } as const;
export const input: BufferRole = { kind: 'input', input: 'input' };
export const temporary: BufferRole = { kind: 'temporary' };
export const parameter = (path: string): BufferRole => ({
  kind: 'stored',
  storage: 'parameter',
  path,
  initial: zeros,
});

/** A buffer of floats, not yet numbered. */
export type Drafted = Omit<Buffer, 'id' | 'element'>;

/** Buffers are numbered as they stand; the last kernel's output is the program's output `y`. */
export function program(
  buffers: readonly Drafted[],
  kernels: readonly Kernel[],
  results: Partial<Pick<KernelProgram, 'outputs' | 'updates'>> = {},
): KernelProgram {
  const last = kernels.at(-1)?.output ?? 0;
  return {
    name: 'program',
    buffers: buffers.map((buffer, id) => ({ id, element: 'f32', ...buffer })),
    kernels,
    outputs: [{ name: 'y', buffer: last }],
    updates: [],
    ...results,
  };
}

export function map(
  output: number,
  axes: readonly Axis[],
  body: Expression,
  name = `kernel_${output}`,
): MapKernel {
  return { kind: 'map', name, output, axes, body, origin: { path: '' }, phase: 'forward', fused: [] };
}

export function axis(id: string, size: number): Axis {
  return { id, size };
}
