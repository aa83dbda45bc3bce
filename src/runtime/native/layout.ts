// Where a library keeps everything: what the compiler tells the runtime about it, as data beside its bytes.
import type { ArenaLayout } from '../arena.ts';

export interface NativeLayout extends ArenaLayout {
  /** The instructions that the library was compiled for: `AVX-512`. */
  readonly machine: string;
}

/** Memory comes in pages of this size, the large kind, so that the processor finds addresses quickly. */
export const nativePage = 2 * 2 ** 20;
