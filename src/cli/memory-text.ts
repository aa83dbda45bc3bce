// A memory plan in words.
import type { MemoryUse } from '../runtime/memory-use.ts';
import { showBytes } from '../train/progress/text.ts';

/** `parameters 1.0 MB, gradients 1.0 MB, …`: what there is none of is left out. */
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
