// Where a generated module keeps everything: what the compiler tells the runtime about a module, as JSON beside its bytes.
import type { ArenaLayout } from '../arena.ts';

/** Each thread's scratch follows what is named. */
export interface WasmLayout extends ArenaLayout {
  /** Bytes behind the last scratch that may be read. */
  readonly reach: number;
  /** Whether the module wants relaxed SIMD, and whether it wants shared memory. */
  readonly fused: boolean;
  readonly threads: boolean;
}

/** Bytes of one of WebAssembly's pages. */
export const wasmPage = 65536;

/** Pages of memory for a number of threads. */
export function pagesFor(layout: WasmLayout, threads: number): number {
  return Math.ceil((layout.bytes + threads * layout.scratch + layout.reach) / wasmPage);
}
