// What the compiler knows of a target: one row of the table (table.ts). Nothing else asks for a target by its name. A row is read at
// every start of `nnc`, so that everything large is imported at its first use.
import type { CompiledPrograms } from '../codegen/compiled.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { KernelProgram } from '../ir/stages/type.ts';
import type { DeviceOptions, GeneratedModule } from '../runtime/generated-module.ts';
import type { MemoryUse } from '../runtime/memory-use.ts';
import type { ModelArrays } from '../runtime/model.ts';
import type { Machine } from '../schedule/machine/machine.ts';
import type { Schedule } from '../schedule/schedule.ts';
import type { Profile } from './profile/profile.ts';

export type TargetName = 'wasm' | 'native' | 'gpujs';

/** Options of the generated code, common to all targets; a target ignores those that mean nothing to it. */
export interface VariantWishes {
  /** Results that are equal on all machines. */
  readonly deterministic?: boolean;
  /** Code for other machines too. */
  readonly portable?: boolean;
}

/** A variant of a target's code. Most targets have one; wasm has variants with and without fused multiply-adds and threads. */
export interface Variant {
  readonly name: string;
  /**
   * The machine to schedule for, and how many bytes at the start of the arena are the runtime's; absent where kernels are printed
   * directly.
   */
  readonly schedule?: {
    readonly machine: Machine;
    readonly reserved: number;
    /** Allocation granularity in bytes. */
    readonly page: number;
    /** Bytes of memory that its code can address, where that is a limit. */
    readonly most?: number;
    /** Buffers that one function can take, where that is a limit. */
    readonly buffers?: number;
  };
}

/** A model's code, in one variant. */
export interface Printed {
  readonly variant: Variant;
  readonly schedule?: Schedule;
  /** Read by people, and by the target's own compiler. */
  readonly text: string;
}

export interface ProductRequest {
  /** The base name of all files. */
  readonly name: string;
  /** The target's own folder, in which it caches what its compiler has made. */
  readonly cache: string;
}

/** By file name: those of the module (`moduleFiles`), and further files that the target needs. */
export type ProductFiles = ReadonlyMap<string, string | Uint8Array>;

export interface ProfileRequest {
  readonly compiled: CompiledPrograms;
  /** The built module of the same model. */
  readonly module: GeneratedModule;
  readonly batch: ModelArrays;
  /** How long to time. */
  readonly seconds: number;
  readonly device: DeviceOptions;
  readonly cache: string;
}

export interface Missing {
  /** For people who did not ask for the target. */
  readonly reason: string;
  /** For those who did. */
  readonly diagnostic: Diagnostic;
}

export interface Target {
  readonly name: TargetName;
  /** Its name in messages: `gpu.js`. */
  readonly title: string;
  /** The same behind a time: `2.1 ms on wasm`. */
  readonly place: string;
  /** Modes that `create` takes. */
  readonly modes: readonly string[];
  /** Why results can differ between machines; absent where `deterministic` makes them equal. */
  readonly machineBound?: string;
  /** Whether `--target auto` tries it against the default. */
  readonly automatic: boolean;
  /** Whether gradients are read outside the step, so that fusion must keep them. */
  readonly keepsGradients: boolean;
  /** Rewrites kernels that the target cannot run. */
  readonly legalize?: (program: KernelProgram) => KernelProgram;
  /** A model's memory use, where nothing is scheduled; else it comes from the memory plan. */
  memory?(programs: readonly KernelProgram[]): MemoryUse;
  /** What this machine lacks for the target, or undefined. */
  missing(): Promise<Missing | undefined>;
  /** What this machine has for it, for people: `gcc 12.2.0`. @throws DiagnosticError where something is missing */
  present(): Promise<string>;
  /** The inputs of its products besides nnc, the source and the options. @throws DiagnosticError where something is missing */
  cacheKey(): Promise<string>;
  /** Best first. @throws DiagnosticError where something is missing */
  variants(wishes: VariantWishes): Promise<readonly Variant[]>;
  /** `programs` are legalized; `schedule` is their schedule, where the variant has one. */
  print(compiled: CompiledPrograms, variant: Variant, schedule: Schedule | undefined): Promise<string>;
  products(
    compiled: CompiledPrograms,
    printed: readonly Printed[],
    request: ProductRequest,
  ): Promise<ProductFiles>;
  /** Times a training step, kernel by kernel. */
  profile(request: ProfileRequest): Promise<Profile>;
}
