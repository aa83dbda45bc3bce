// A model's kernel programs enter; the C text, the layout that the runtime needs and the compiled library leave.
import type { KernelProgram } from '../../ir/stages/type.ts';
import type { NativeMachine } from '../../schedule/machine/native.ts';
import { schedule, type Schedule } from '../../schedule/schedule.ts';
import type { NativeLayout } from '../../runtime/native/layout.ts';
import { arenaLayout } from '../arena-layout.ts';
import { profilePrograms } from '../schedule-text.ts';
import { compileLibrary, findCompiler } from './compiler.ts';
import { printModule } from './module.ts';

export { idleProgram, profiledProgram } from '../schedule-text.ts';

export interface NativeText {
  readonly source: string;
  readonly layout: NativeLayout;
  readonly schedule: Schedule;
}

export interface NativeOptions {
  /** For timing step by step: see ModuleOptions. */
  readonly profile?: boolean;
}

export function printNative(
  programs: readonly KernelProgram[],
  machine: NativeMachine,
  { profile = false }: NativeOptions = {},
): NativeText {
  const scheduled = schedule(programs, machine, 0);
  const source = printModule(scheduled, { machine, profile });
  const layout = { ...arenaLayout(scheduled), machine: scheduled.machine.name };
  if (!profile) return { source, layout, schedule: scheduled };
  const added = profilePrograms(scheduled).map((name) => ({ name, inputs: [], outputs: [] }));
  return { source, layout: { ...layout, programs: [...layout.programs, ...added] }, schedule: scheduled };
}

/** Prints and compiles with the system's compiler; libraries are kept in the folder. @throws CompilerMissing */
export async function buildNative(
  programs: readonly KernelProgram[],
  folder: string,
  options: NativeOptions = {},
): Promise<NativeText & { readonly library: string }> {
  const compiler = await findCompiler();
  const text = printNative(programs, compiler.machine, options);
  return { ...text, library: await compileLibrary(text.source, compiler, folder) };
}
