// The static memory plan: where each temporary lives in one arena, by liveness, and which updates happen in place.
import type { BufferId } from '../ir/kernel.ts';

export interface MemoryPlan {
  /** Byte offset in the arena of each temporary that owns storage (aliases have none of their own); 64-byte aligned. */
  readonly offsets: ReadonlyMap<BufferId, number>;
  readonly arenaBytes: number;
  /** Temporaries that take the storage of the stored buffer they update: the update costs no copy. */
  readonly inPlace: ReadonlyMap<BufferId, BufferId>;
}
