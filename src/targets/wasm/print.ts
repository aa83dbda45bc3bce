// Prints a model's kernel programs as AssemblyScript, with the compiled bytes and the memory layout for the runtime.
import type { KernelProgram } from '../../ir/stages/type.ts';
import { wasmFused, wasmPlain } from '../../schedule/machine/machine.ts';
import { schedule, type Schedule } from '../../schedule/schedule.ts';
import { wasmPage, type WasmLayout } from '../../runtime/wasm/layout.ts';
import { reservedBytes } from '../../runtime/wasm/words.ts';
import { arenaLayout } from '../../codegen/arena-layout.ts';
import { profilePrograms } from '../../codegen/schedule-text.ts';
import { printModule } from '../../codegen/wasm/module.ts';
import type { Variant, VariantWishes } from '../target.ts';
import { compileWasm } from './compile.ts';

export { idleProgram, profiledProgram } from '../../codegen/schedule-text.ts';

export interface WasmTargetOptions {
  /** Fused multiply-adds: faster, but rounded differently. By default yes. */
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

/** fused: relaxed SIMD's multiply-add, and threads; plain: threads only; single: neither. */
export type WasmForm = 'fused' | 'plain' | 'single';

export interface WasmFormOptions {
  readonly fused: boolean;
  readonly threads: boolean;
  /** The suffix of this form's files, after the model's name. */
  readonly suffix: string;
}

const forms: { readonly [form in WasmForm]: WasmFormOptions } = {
  fused: { fused: true, threads: true, suffix: '' },
  plain: { fused: false, threads: true, suffix: '.plain' },
  single: { fused: false, threads: false, suffix: '.single' },
};

export const wasmForm = (name: string): WasmFormOptions => forms[name as WasmForm];

/** The fastest form on this machine; if portable, the best for this kind of engine, and one that runs everywhere. */
export async function wasmVariants({
  deterministic = false,
  portable = false,
}: VariantWishes): Promise<readonly Variant[]> {
  const { relaxedSimd } = await import('../../runtime/wasm/features.ts');
  if (portable) return [wasmVariant('fused'), wasmVariant('single')];
  return [wasmVariant(!deterministic && (await relaxedSimd()) ? 'fused' : 'plain')];
}

export function wasmVariant(name: WasmForm): Variant {
  return {
    name,
    schedule: {
      machine: machineOf(forms[name].fused),
      reserved: reservedBytes,
      page: wasmPage,
      most: 2 ** 32,
      // engines refuse functions of more than 1000 parameters, of which three are the range of work and the scratch
      buffers: 997,
    },
  };
}

const machineOf = (fused: boolean) => (fused ? wasmFused : wasmPlain);

export function printScheduled(
  scheduled: Schedule,
  {
    fused,
    threads,
    profile = false,
  }: Pick<WasmFormOptions, 'fused' | 'threads'> & { readonly profile?: boolean },
): WasmText {
  const source = printModule(scheduled, { fused, threads, profile });
  const layout = { ...arenaLayout(scheduled), reach: scheduled.reach, fused, threads };
  if (!profile) return { source, layout, schedule: scheduled };
  const added = profilePrograms(scheduled).map((name) => ({ name, inputs: [], outputs: [] }));
  return { source, layout: { ...layout, programs: [...layout.programs, ...added] }, schedule: scheduled };
}

/** Schedules and prints programs without a model, for measurements and tests. */
export function printWasm(programs: readonly KernelProgram[], options: WasmTargetOptions = {}): WasmText {
  const { fused = true, threads = true, profile = false } = options;
  return printScheduled(schedule(programs, machineOf(fused), reservedBytes), { fused, threads, profile });
}

/** Prints and compiles; `cache` is a folder in which compiled modules are cached. */
export async function buildWasm(
  programs: readonly KernelProgram[],
  options: WasmTargetOptions & { readonly cache?: string } = {},
): Promise<WasmText & { readonly bytes: Uint8Array }> {
  const text = printWasm(programs, options);
  const { fused, threads } = text.layout;
  const cache = options.cache === undefined ? {} : { cache: options.cache };
  return { ...text, bytes: await compileWasm(text.source, { fused, threads, ...cache }) };
}
