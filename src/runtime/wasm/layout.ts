// Where a generated module keeps everything: what the compiler tells the runtime about a module, as JSON beside its bytes.

export interface WasmRegion {
  readonly name: string;
  /** In bytes, from the start of memory. */
  readonly offset: number;
  /** How many float32 numbers. */
  readonly elements: number;
}

export interface WasmProgram {
  readonly name: string;
  readonly inputs: readonly WasmRegion[];
  readonly outputs: readonly WasmRegion[];
}

export interface WasmLayout {
  /** The module's programs in the order of their numbers. */
  readonly programs: readonly WasmProgram[];
  readonly stored: readonly WasmRegion[];
  /** Everything named lies below; each thread's scratch follows. */
  readonly bytes: number;
  readonly scratch: number;
  /** Bytes behind the last scratch that may be read. */
  readonly reach: number;
  /** Whether the module wants relaxed SIMD, and whether it wants shared memory. */
  readonly fused: boolean;
  readonly threads: boolean;
}

const page = 65536;

/** Pages of memory for a number of threads. */
export function pagesFor(layout: WasmLayout, threads: number): number {
  return Math.ceil((layout.bytes + threads * layout.scratch + layout.reach) / page);
}
