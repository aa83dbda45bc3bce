// Where a library keeps everything: what the compiler tells the runtime about it, as data beside its bytes.
import type { ArenaLayout } from '../arena.ts';

export interface NativeLayout extends ArenaLayout {
  /** The instructions that the library was compiled for: `AVX-512`. */
  readonly machine: string;
}
