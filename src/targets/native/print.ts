// Prints a model's kernel programs as C, with the memory layout for the runtime and the compiled library.
import type { KernelProgram } from '../../ir/stages/type.ts';
import type { NativeMachine } from '../../schedule/machine/native.ts';
import { schedule, type Schedule } from '../../schedule/schedule.ts';
import type { NativeLayout } from '../../runtime/native/layout.ts';
import { arenaLayout } from '../../codegen/arena-layout.ts';
import { profilePrograms } from '../../codegen/schedule-text.ts';
import { compileLibrary, findCompiler } from './compiler.ts';
import { printModule } from '../../codegen/c/module.ts';

export { idleProgram, profiledProgram } from '../../codegen/schedule-text.ts';

export interface NativeText {
  readonly source: string;
  readonly layout: NativeLayout;
  readonly schedule: Schedule;
}

export interface NativeOptions {
  /** For timing step by step: see ModuleOptions. */
  readonly profile?: boolean;
}

/** Schedules and prints programs without a model, for measurements and tests. */
export function printNative(
  programs: readonly KernelProgram[],
  machine: NativeMachine,
  options: NativeOptions = {},
): NativeText {
  return printScheduled(schedule(programs, machine, 0), machine, options);
}

export function printScheduled(
  scheduled: Schedule,
  machine: NativeMachine,
  { profile = false }: NativeOptions = {},
): NativeText {
  const source = printModule(scheduled, { machine, profile });
  const layout = { ...arenaLayout(scheduled), machine: scheduled.machine.name };
  if (!profile) return { source, layout, schedule: scheduled };
  const added = profilePrograms(scheduled).map((name) => ({ name, inputs: [], outputs: [] }));
  return { source, layout: { ...layout, programs: [...layout.programs, ...added] }, schedule: scheduled };
}

/** Prints and compiles with the system's compiler; libraries are cached in the folder. @throws CompilerMissing */
export async function buildNative(
  programs: readonly KernelProgram[],
  folder: string,
  options: NativeOptions = {},
): Promise<NativeText & { readonly library: string }> {
  const compiler = await findCompiler();
  const text = printNative(programs, compiler.machine, options);
  return { ...text, library: await compileLibrary(text.source, compiler, folder) };
}
