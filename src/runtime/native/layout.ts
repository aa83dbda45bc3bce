// The memory layout of a compiled library: the compiler's description for the runtime, stored beside its bytes.
import type { ArenaLayout } from '../arena.ts';

export interface NativeLayout extends ArenaLayout {
  /** The instruction set that the library was compiled for: `AVX-512`. */
  readonly machine: string;
}

/** Memory is allocated in huge pages of this size, for fewer TLB misses. */
export const nativePage = 2 * 2 ** 20;
