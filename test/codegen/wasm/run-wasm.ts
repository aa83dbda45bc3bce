// Kernel programs compiled to one WebAssembly module and run on one thread, beside the interpreter.
import { compileWasm } from '../../../src/targets/wasm/compile.ts';
import { printModule } from '../../../src/codegen/wasm/module.ts';
import type { Graph } from '../../../src/ir/graph/type.ts';
import { interpret } from '../../../src/ir/stages/interpret.ts';
import type { KernelProgram } from '../../../src/ir/stages/type.ts';
import { fuse } from '../../../src/kernel/fuse/fuse.ts';
import { lower } from '../../../src/kernel/lower.ts';
import { wasmFused, wasmPlain, type Machine } from '../../../src/schedule/machine/machine.ts';
import { schedule, type Location } from '../../../src/schedule/schedule.ts';
import { reservedBytes } from '../../../src/runtime/wasm/words.ts';

export type Given = Readonly<Record<string, ArrayLike<number>>>;

export interface WasmPrograms {
  readonly source: string;
  /** Outputs, and every stored tensor after the run under its path. */
  run(program: string, inputs: Given, stored?: Given): Map<string, Float32Array>;
  /** The same by the interpreter. */
  interpret(program: string, inputs: Given, stored?: Given): Map<string, Float64Array>;
}

export function kernelsOf(graph: Graph, fused = true): KernelProgram {
  const lowered = lower(graph);
  return fused ? fuse(lowered) : lowered;
}

export async function compilePrograms(
  programs: readonly KernelProgram[],
  machine: Machine = wasmPlain,
): Promise<WasmPrograms> {
  const scheduled = schedule(programs, machine, reservedBytes);
  const fused = machine === wasmFused;
  const source = printModule(scheduled, { fused, threads: false });
  const bytes = await compileWasm(source, { fused, threads: false });
  const end = scheduled.bytes + scheduled.scratch + scheduled.reach;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / 65536) + 1 });
  const abort = () => {
    throw new Error('the module aborted');
  };
  const { instance } = await WebAssembly.instantiate(bytes as BufferSource, { env: { memory, abort } }).then(
    (result) => result,
  );
  const start = instance.exports['run'] as (program: number, threads: number) => void;
  const view = ({ offset, elements }: Location) => new Float32Array(memory.buffer, offset, elements);
  const indexOf = (name: string) => programs.findIndex((program) => program.name === name);
  return {
    source,
    run(name, inputs, stored = {}) {
      const index = indexOf(name);
      const program = scheduled.programs[index];
      if (!program) throw new Error(`no program ${name}`);
      // What nobody may rely on: whatever is not written is NaN.
      new Float32Array(memory.buffer, reservedBytes).fill(NaN);
      for (const [input, location] of program.inputs) view(location).set(Array.from(inputs[input] ?? []));
      for (const [path, values] of Object.entries(stored)) {
        const location = scheduled.stored.get(path);
        if (location) view(location).set(Array.from(values));
      }
      start(index, 1);
      const outputs = [...program.outputs].map(
        ([output, location]) => [output, view(location).slice()] as const,
      );
      const after = Object.keys(stored).flatMap((path) => {
        const location = scheduled.stored.get(path);
        return location ? [[path, view(location).slice()] as const] : [];
      });
      return new Map([...outputs, ...after]);
    },
    interpret(name, inputs, stored = {}) {
      const program = programs[indexOf(name)];
      if (!program) throw new Error(`no program ${name}`);
      const result = interpret(program, {
        inputs: new Map(Object.entries(inputs)),
        stored: new Map(Object.entries(stored)),
        precision: 'float64',
      });
      return new Map([...result.outputs, ...[...result.stored].filter(([path]) => path in stored)]);
    },
  };
}

/** Whether a is within the tolerance of b, NaN only with NaN, infinities only with themselves. */
export function close(a: number, b: number, relative: number, absolute: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  if (!Number.isFinite(a) || !Number.isFinite(b)) return a === b;
  return Math.abs(a - b) <= absolute + relative * Math.abs(b);
}

/** The places where the two differ, as a person reads them. */
export function differences(
  actual: ReadonlyMap<string, Float32Array>,
  expected: ReadonlyMap<string, ArrayLike<number>>,
  relative = 1e-4,
  absolute = 1e-5,
): string[] {
  const found: string[] = [];
  for (const [name, values] of expected) {
    const own = actual.get(name);
    if (own?.length !== values.length) found.push(`${name}: ${own?.length} elements, not ${values.length}`);
    Array.from(values).forEach((value, i) => {
      if (found.length < 5 && !close(own?.[i] ?? NaN, Math.fround(value), relative, absolute))
        found.push(`${name}[${i}]: ${own?.[i]}, not ${value}`);
    });
  }
  return found;
}
