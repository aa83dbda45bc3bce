// The memory layout of a generated module: the compiler's description for the runtime, as JSON beside its bytes.
import type { ArenaLayout } from '../arena.ts';

/** Each thread's scratch buffer follows the named tensors. */
export interface WasmLayout extends ArenaLayout {
  /** Over-read padding: bytes after the last scratch buffer that vector loads may read. */
  readonly reach: number;
  /** Whether the module uses relaxed SIMD, and whether it uses shared memory. */
  readonly fused: boolean;
  readonly threads: boolean;
}

/** Bytes of a WebAssembly page. */
export const wasmPage = 65536;

/** Pages of memory for a number of threads. */
export function pagesFor(layout: WasmLayout, threads: number): number {
  return Math.ceil((layout.bytes + threads * layout.scratch + layout.reach) / wasmPage);
}
