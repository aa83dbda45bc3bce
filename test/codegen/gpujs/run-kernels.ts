// Runs a kernel program on a device with kernels printed one by one, without the module around them.
import ts from 'typescript';
import { helperNames, helperText, type HelperName } from '../../../src/codegen/gpujs/helpers.ts';
import { printKernel } from '../../../src/codegen/gpujs/kernel.ts';
import { Names } from '../../../src/codegen/names.ts';
import type { BufferId, KernelProgram } from '../../../src/ir/stages/type.ts';
import type { DeviceArray, GpuDevice, HelperFunction } from '../../../src/runtime/gpu/device.ts';
import { openGpu } from '../../../src/runtime/gpu/open-gpu.ts';
import { elementCount } from '../../../src/runtime/tensor.ts';

function javascript(typescript: string): string {
  return ts.transpileModule(typescript, { compilerOptions: { target: ts.ScriptTarget.ES2022 } }).outputText;
}

/** A function from its text. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the text is generated: who asks knows what it is
export function functionFrom<F>(text: string, name: string): F {
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- generated text is what is tested
  return new Function(`${javascript(text)}\nreturn ${name};`)() as F;
}

export const helperFunctions = new Map(
  helperNames.map((name) => [name, functionFrom<HelperFunction>(helperText(name), name)] as const),
);

/** A helper as plain JavaScript in float64, with those that it calls. */
export function helperInScope(name: HelperName): HelperFunction {
  const all = helperNames.map((each) => helperText(each)).join('\n');
  return functionFrom<HelperFunction>(all, name);
}

export function openWithHelpers(mode: string): Promise<GpuDevice> {
  return openGpu(mode, [...helperFunctions.values()]);
}

/** Gives the program's outputs; inputs and stored tensors by name and path. */
export async function runKernels(
  device: GpuDevice,
  program: KernelProgram,
  given: ReadonlyMap<string, ArrayLike<number>>,
): Promise<Map<string, Float32Array>> {
  const names = new Names();
  const arrays = new Map<BufferId, DeviceArray>();
  for (const { id, name, role, alias } of program.buffers) {
    if (role.kind === 'temporary' || alias !== undefined) continue;
    const values = given.get(role.kind === 'stored' ? role.path : name);
    if (values) arrays.set(id, await device.upload(`${program.name} ${name}`, Float32Array.from(values)));
  }
  const rootOf = (id: BufferId) => program.buffers.find((buffer) => buffer.id === id)?.alias ?? id;
  const arrayOf = (id: BufferId) => {
    const array = arrays.get(rootOf(id));
    if (!array) throw new Error(`buffer ${id} has no value`);
    return array;
  };
  for (const kernel of program.kernels) {
    const { parameters, body, reads } = printKernel(kernel, program, names);
    const source = javascript(`function kernel(${parameters.join(', ')}): number {\n${body}}`);
    const shape = program.buffers.find((buffer) => buffer.id === kernel.output)?.shape ?? [];
    arrays.set(kernel.output, await device.runSource(source, elementCount(shape), reads.map(arrayOf)));
  }
  const outputs = new Map<string, Float32Array>();
  for (const { name, buffer } of program.outputs) outputs.set(name, await device.read(arrayOf(buffer)));
  return outputs;
}
