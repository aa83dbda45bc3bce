// Runs a kernel program, fused or not, in float32 in JavaScript, one kernel at a time, and reports the values of each after it has run;
// buffers are freed after their last use. It computes all intermediate values of a training step of a real model, for which the
// interpreter would need hours. Invariant: no name of a program occurs in the generated code, only numbers.
import { exactFunctions, javaScriptHelper, printExactKernel } from '../codegen/javascript/kernel.ts';
import { Buffers } from '../ir/linear/build.ts';
import { scalar } from '../ir/scalar.ts';
import type { Bindings } from '../ir/stages/interpret.ts';
import type { Buffer, BufferId, Kernel, KernelProgram, MapKernel, ScatterKernel } from '../ir/stages/type.ts';
import { buffersRead } from '../ir/stages/walk.ts';
import { elementCount } from '../runtime/tensor.ts';

/** The values of live buffers, by the id of the buffer that owns the storage. */
export type Values = ReadonlyMap<BufferId, Float32Array>;

/** The owner of a buffer's storage: the buffer that it aliases, or itself. */
export function rootOf(program: KernelProgram): (id: BufferId) => BufferId {
  const aliases = new Map(program.buffers.map(({ id, alias }) => [id, alias ?? id]));
  return (id) => aliases.get(id) ?? id;
}

/**
 * @param ran called after each kernel, before its inputs are freed; returns true to stop
 * @throws Error when a leaf is missing
 */
export async function runKernels(
  program: KernelProgram,
  bindings: Omit<Bindings, 'precision'>,
  ran: (kernel: Kernel, output: Float32Array, values: Values) => boolean,
  pause: () => Promise<void>,
): Promise<void> {
  const buffers = new Buffers(program);
  const root = (id: BufferId) => buffers.owner(id);
  const lastRead = new Map<BufferId, number>();
  program.kernels.forEach((kernel, i) => {
    for (const id of buffersRead(kernel)) lastRead.set(root(id), i);
  });
  const values = new Map<BufferId, Float32Array>();
  for (const buffer of program.buffers) {
    if (buffer.alias === undefined && buffer.role.kind !== 'temporary')
      values.set(buffer.id, given(buffer, bindings));
  }
  for (const [i, kernel] of program.kernels.entries()) {
    const output = new Float32Array(buffers.elements(kernel.output));
    values.set(root(kernel.output), output);
    if (kernel.kind === 'map') runMap(kernel, output, buffers, values);
    else runScatter(kernel, output, buffers, values);
    if (ran(kernel, output, values)) return;
    for (const id of [...buffersRead(kernel).map(root), root(kernel.output)])
      if ((lastRead.get(id) ?? -1) <= i) values.delete(id);
    await pause();
  }
}

function given({ name, shape, role }: Buffer, { inputs, stored }: Omit<Bindings, 'precision'>): Float32Array {
  const values = role.kind === 'stored' ? stored.get(role.path) : inputs.get(name);
  if (values?.length !== elementCount(shape)) throw new Error(`${name} is not given`);
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

function runScatter(kernel: ScatterKernel, output: Float32Array, buffers: Buffers, values: Values): void {
  const ids = values.get(buffers.owner(kernel.ids)) ?? new Float32Array();
  const rows = values.get(buffers.owner(kernel.values)) ?? new Float32Array();
  const [count = 1] = buffers.get(kernel.output).shape;
  const width = output.length / count;
  const sums = new Float64Array(output.length);
  ids.forEach((id, i) => {
    const start = (id > 0 ? Math.min(Math.trunc(id), count - 1) : 0) * width;
    for (let j = 0; j < width; j++) sums[start + j] = (sums[start + j] ?? 0) + (rows[i * width + j] ?? 0);
  });
  output.set(sums);
}

/** Computes its first argument from the others. */
type Routine = (output: Float32Array, ...inputs: readonly (Float32Array | undefined)[]) => void;

function runMap(kernel: MapKernel, output: Float32Array, buffers: Buffers, values: Values): void {
  const { parameters, body, helpers, reads } = printExactKernel(kernel, buffers);
  const code = [
    '"use strict";',
    ...helpers.map(javaScriptHelper),
    `return function (${parameters.join(', ')}) {\n${body}};`,
  ].join('\n');
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- of numbers alone: nothing that a user wrote is in it
  const make = new Function(exactFunctions, code) as (functions: typeof scalar) => Routine;
  make(scalar)(output, ...reads.map((id) => values.get(id)));
}
