// Prints a memory plan.
import type { MemoryUse } from '../runtime/memory-use.ts';
import { showBytes } from '../train/progress/text.ts';

/** `parameters 1.0 MB, gradients 1.0 MB, …`; parts of size zero are omitted. */
export function showMemoryUse(memory: MemoryUse): string {
  const parts = [
    ['parameters', memory.parameters],
    ['gradients', memory.gradients],
    ['optimizer', memory.states],
    ['activations', memory.activations],
    ['padding', memory.padding],
    ['scratch of each thread', memory.scratch],
  ] as const;
  return parts.flatMap(([name, bytes]) => (bytes > 0 ? [`${name} ${showBytes(bytes)}`] : [])).join(', ');
}
