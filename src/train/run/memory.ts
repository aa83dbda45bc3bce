// Whether a run fits into memory, estimated before any allocation.
import { freemem } from 'node:os';
import { fail } from '../../diagnostics/diagnostic.ts';
import { allocatedBytes, type MemoryUse } from '../../runtime/memory-use.ts';
import type { ModelSpecification } from '../../runtime/specification.ts';
import { elementCount } from '../../runtime/tensor.ts';
import { showBytes } from '../progress/text.ts';

/** Bytes available to this process, on the machine or in its container. */
export function availableMemory(): number {
  return typeof process.availableMemory === 'function' ? process.availableMemory() : freemem();
}

export interface MemoryPart {
  readonly name: string;
  readonly bytes: number;
  /** A description for people; may be empty. */
  readonly detail: string;
}

/**
 * The memory of the model by purpose (the total is `allocatedBytes`), and of training besides.
 * @param threads that run the model
 * @param data bytes of the examples
 */
export function memoryParts(
  { memory = unknown, stored, batch }: ModelSpecification,
  threads: number,
  data = 0,
): readonly MemoryPart[] {
  const { parameters, gradients, states, activations } = memory;
  const scratch = threads * memory.scratch;
  const named = parameters + gradients + states + activations + scratch;
  return [
    { name: 'activations', bytes: memory.activations, detail: `of a batch of ${batch}` },
    { name: 'parameters', bytes: memory.parameters, detail: largestTensors(stored) },
    { name: 'gradients', bytes: memory.gradients, detail: '' },
    { name: 'optimizer state', bytes: memory.states, detail: '' },
    { name: 'scratch', bytes: scratch, detail: `of ${threads} thread${threads === 1 ? '' : 's'}` },
    { name: 'padding', bytes: allocatedBytes(memory, threads) - named, detail: 'up to whole pages' },
    {
      name: 'checkpoints',
      bytes: 2 * stateBytes(stored),
      detail: 'while the best is tried and the last is kept',
    },
    { name: 'data', bytes: data, detail: '' },
  ];
}

/**
 * @param threads that run the model
 * @param available in bytes
 * @param data bytes of the examples
 * @throws DiagnosticError with the largest parts, if the run does not fit
 */
export function checkMemory(
  specification: ModelSpecification,
  threads: number,
  available: number,
  data = 0,
): void {
  const { memory = unknown } = specification;
  const parts = memoryParts(specification, threads, data);
  const needed = parts.reduce((sum, part) => sum + part.bytes, 0);
  if (needed <= available) return;
  const largest = parts
    .filter((part) => part.bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, 3)
    .map(({ name, bytes, detail }) => `${name} ${showBytes(bytes)}${detail && ` (${detail})`}`);
  const mend = memory.activations > needed / 2 ? ' A smaller batch (`--batch`) needs less.' : '';
  fail('memory.exceeded', undefined, {
    needed: showBytes(needed),
    available: showBytes(available),
    help: `The largest parts: ${largest.join(', ')}.${mend}`,
  });
}

/** For modules of another compiler, which may not state it. */
const unknown: MemoryUse = {
  ...{ parameters: 0, gradients: 0, states: 0, activations: 0 },
  ...{ padding: 0, scratch: 0, page: 1 },
};

/** Bytes of a checkpoint's tensors. Writing needs the largest tensor; restoring needs all of it, and a copy of the present state. */
function stateBytes(stored: ModelSpecification['stored']): number {
  return stored.reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0);
}

function largestTensors(stored: ModelSpecification['stored']): string {
  const sizes = stored
    .filter(({ storage }) => storage === 'parameter')
    .map(({ path, shape }) => ({ path, bytes: 4 * elementCount(shape) }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, 3);
  return sizes.map(({ path, bytes }) => `${path} ${showBytes(bytes)}`).join(', ');
}
