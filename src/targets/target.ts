// What the compiler knows of a target. One row of the table (table.ts) is one of these; nobody else asks what a target is called.
// A row is read whenever `nnc` starts, so that everything large is imported when it is first used.
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

/** What can be asked of the code that is made, whatever the target; a target ignores what means nothing to it. */
export interface VariantWishes {
  /** Results that two machines agree on. */
  readonly deterministic?: boolean;
  /** Code for other machines than this one too. */
  readonly portable?: boolean;
}

/** One way in which a target's code is made. Most targets have one; wasm is made with and without fused multiply-adds and threads. */
export interface Variant {
  readonly name: string;
  /** What is scheduled for, and how many bytes at the front of the arena are the runtime's; absent where kernels are printed as they are. */
  readonly schedule?: {
    readonly machine: Machine;
    readonly reserved: number;
    /** Bytes: memory is allocated in multiples of it. */
    readonly page: number;
    /** Bytes of memory that its code can address, where that is less than a machine may have. */
    readonly most?: number;
  };
}

/** A model's code, in one variant. */
export interface Printed {
  readonly variant: Variant;
  readonly schedule?: Schedule;
  /** To be read by people, and by the target's own compiler. */
  readonly text: string;
}

export interface ProductRequest {
  /** The base name of all files. */
  readonly name: string;
  /** A folder of the target's own, in which what its compiler has made is found again. */
  readonly cache: string;
}

/** By file name: `NAME.ts` first, `NAME.js`, and what else the target needs. */
export type ProductFiles = ReadonlyMap<string, string | Uint8Array>;

export interface ProfileRequest {
  readonly compiled: CompiledPrograms;
  /** The built module of the same model. */
  readonly module: GeneratedModule;
  readonly batch: ModelArrays;
  /** For which to time. */
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
  /** What messages call it: `gpu.js`. */
  readonly title: string;
  /** The same behind a time: `2.1 ms on wasm`. */
  readonly place: string;
  /** Modes that `create` takes. */
  readonly modes: readonly string[];
  /** Why two machines may not agree on its results; absent where `deterministic` makes them. */
  readonly machineBound?: string;
  /** Whether `--target auto` tries it against the default. */
  readonly automatic: boolean;
  /** Whether gradients are results that are read outside the step, so that fusion must leave them. */
  readonly keepsGradients: boolean;
  /** Makes of kernels what the target can run. */
  readonly legalize?: (program: KernelProgram) => KernelProgram;
  /** What a model takes of memory, where nothing is scheduled; else its memory plan says it. */
  memory?(programs: readonly KernelProgram[]): MemoryUse;
  /** What this machine lacks for it, or nothing. */
  missing(): Promise<Missing | undefined>;
  /** What its products depend on beside nnc, the source and the options. @throws DiagnosticError where something is missing */
  cacheKey(): Promise<string>;
  /** Best first. @throws DiagnosticError where something is missing */
  variants(wishes: VariantWishes): Promise<readonly Variant[]>;
  /** `programs` are legalized; `schedule` is theirs, where the variant has one. */
  print(compiled: CompiledPrograms, variant: Variant, schedule: Schedule | undefined): Promise<string>;
  products(
    compiled: CompiledPrograms,
    printed: readonly Printed[],
    request: ProductRequest,
  ): Promise<ProductFiles>;
  /** Times a training step, kernel by kernel. */
  profile(request: ProfileRequest): Promise<Profile>;
}
