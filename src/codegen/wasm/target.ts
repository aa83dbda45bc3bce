// A model's kernel programs enter; the AssemblyScript, the compiled bytes and the layout that the runtime needs leave.
import type { KernelProgram } from '../../ir/stages/type.ts';
import { wasmFused, wasmPlain } from '../../schedule/machine/machine.ts';
import { schedule, type Schedule } from '../../schedule/schedule.ts';
import type { WasmLayout } from '../../runtime/wasm/layout.ts';
import { reservedBytes } from '../../runtime/wasm/words.ts';
import { compileWasm } from './compile.ts';
import { arenaLayout } from '../arena-layout.ts';
import { profilePrograms } from '../schedule-text.ts';
import { printModule } from './module.ts';

export { idleProgram, profiledProgram } from '../schedule-text.ts';

export interface WasmTargetOptions {
  /** Fused multiply-adds: faster, and rounded otherwise than without. By default yes. */
  readonly fused?: boolean;
  /** Shared memory and threads. By default yes. */
  readonly threads?: boolean;
  /** For timing step by step: see ModuleOptions. */
  readonly profile?: boolean;
}

export interface WasmText {
  readonly source: string;
  readonly layout: WasmLayout;
  readonly schedule: Schedule;
}

export function printWasm(programs: readonly KernelProgram[], options: WasmTargetOptions = {}): WasmText {
  const [fused, threads] = [options.fused ?? true, options.threads ?? true];
  const scheduled = schedule(programs, fused ? wasmFused : wasmPlain, reservedBytes);
  const source = printModule(scheduled, { fused, threads, profile: options.profile ?? false });
  const layout = { ...arenaLayout(scheduled), reach: scheduled.reach, fused, threads };
  if (options.profile !== true) return { source, layout, schedule: scheduled };
  const added = profilePrograms(scheduled).map((name) => ({ name, inputs: [], outputs: [] }));
  return { source, layout: { ...layout, programs: [...layout.programs, ...added] }, schedule: scheduled };
}

/** Prints and compiles; `cache` is a folder in which compiled modules are found again. */
export async function buildWasm(
  programs: readonly KernelProgram[],
  options: WasmTargetOptions & { readonly cache?: string } = {},
): Promise<WasmText & { readonly bytes: Uint8Array }> {
  const text = printWasm(programs, options);
  const { fused, threads } = text.layout;
  const cache = options.cache === undefined ? {} : { cache: options.cache };
  return { ...text, bytes: await compileWasm(text.source, { fused, threads, ...cache }) };
}
