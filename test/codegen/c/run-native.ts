// Kernel programs compiled to one library and run on one thread, beside the interpreter.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { compileLibrary, CompilerMissing, findCompiler } from '../../../src/targets/native/compiler.ts';
import { printModule } from '../../../src/codegen/c/module.ts';
import { interpret } from '../../../src/ir/stages/interpret.ts';
import type { KernelProgram } from '../../../src/ir/stages/type.ts';
import { machineOf, type InstructionSet, type NativeMachine } from '../../../src/schedule/machine/native.ts';
import { schedule, type Location } from '../../../src/schedule/schedule.ts';
import { openLibrary } from '../../../src/runtime/native/library.ts';
import { lacks } from '../../support/facilities.ts';
import type { WasmPrograms } from '../wasm/run-wasm.ts';

export type NativePrograms = WasmPrograms;

const found = await findCompiler().catch((error: unknown) => {
  if (!(error instanceof CompilerMissing)) throw error;
  return error;
});

/** The system's compiler; without one there is nothing to test. */
export const compiler = found instanceof CompilerMissing ? undefined : found;

/** Whether the tests of native code are skipped. */
export const lacksCompiler = lacks(
  'c-compiler',
  found instanceof CompilerMissing ? found.message : undefined,
);

/** What tests that run on several targets call this one: where it is skipped, it says why. */
export const nativeTitle = compiler ? 'native' : 'native (skipped: there is no C compiler)';

export const describeNative = describe.skipIf(lacksCompiler);

/** A folder that is gone when the tests of a file are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nnc-native-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What this processor can run, the widest first: narrower vectors are C all the same. */
export function machinesHere(): NativeMachine[] {
  const sets: readonly InstructionSet[] = ['avx512', 'avx2', 'sse2', 'none'];
  const own = compiler?.machine.set ?? 'none';
  return own === 'neon'
    ? [machineOf('neon'), machineOf('none')]
    : sets.slice(sets.indexOf(own)).map(machineOf);
}

export async function compilePrograms(
  programs: readonly KernelProgram[],
  folder: string,
  machine: NativeMachine | undefined = compiler?.machine,
): Promise<NativePrograms> {
  if (!compiler || !machine) throw new Error('no compiler');
  const scheduled = schedule(programs, machine, 0);
  const source = printModule(scheduled, { machine });
  const library = await compileLibrary(source, compiler, folder);
  const { memory, runNow } = await openLibrary(library, 1, scheduled.bytes);
  const view = ({ offset, elements }: Location) => new Float32Array(memory, offset, elements);
  const indexOf = (name: string) => programs.findIndex((program) => program.name === name);
  return {
    source,
    run(name, inputs, stored = {}) {
      const index = indexOf(name);
      const program = scheduled.programs[index];
      if (!program) throw new Error(`no program ${name}`);
      // What nobody may rely on: whatever is not written is NaN.
      new Float32Array(memory).fill(NaN);
      for (const [input, location] of program.inputs) view(location).set(Array.from(inputs[input] ?? []));
      for (const [path, values] of Object.entries(stored)) {
        const location = scheduled.stored.get(path);
        if (location) view(location).set(Array.from(values));
      }
      runNow(index);
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
