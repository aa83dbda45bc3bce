import { describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../../src/diagnostics/diagnostic.ts';
import { diagnosticText } from '../../../src/diagnostics/message.ts';
import type { ModelSpecification } from '../../../src/runtime/specification.ts';
import { availableMemory, checkMemory, memoryParts } from '../../../src/train/run/memory.ts';

const parameter = (path: string, size: number) =>
  ({ path, shape: [size], storage: 'parameter', initial: { kind: 'fill', value: 0 } }) as const;

const specification: ModelSpecification = {
  format: 1,
  name: 'Large',
  source: 'large.nn',
  target: 'none',
  batch: 256,
  inputs: [],
  targets: [],
  outputs: [],
  metrics: [],
  stored: [parameter('small.W', 10), parameter('large.W', 1_000_000), parameter('middle.W', 1000)],
  programs: ['step'],
  train: { epochs: 1, batch: 256, seed: 1, validation: 0 },
  memory: {
    parameters: 4_004_040,
    gradients: 4_004_040,
    states: 0,
    activations: 50_000_000,
    padding: 0,
    scratch: 0,
    page: 1,
  },
  fingerprint: '',
};

function refusal(available: number): { readonly message: string; readonly help?: string } | undefined {
  try {
    checkMemory(specification, 2, available);
    return undefined;
  } catch (error) {
    const [found] = error instanceof DiagnosticError ? error.diagnostics : [];
    if (!found) throw error;
    return diagnosticText(found);
  }
}

describe('checkMemory', () => {
  it('lets a run start that just fits', () => {
    expect(refusal(66_016_160)).toBeUndefined();
  });

  it('names the largest parts of one that does not', () => {
    expect(refusal(66_016_159)).toEqual({
      message: 'training needs about 66.0 MB of memory, but only 66.0 MB are free',
      help:
        'The largest parts: activations 50.0 MB (of a batch of 256), ' +
        'checkpoints 8.0 MB (while the best is tried and the last is kept), ' +
        'parameters 4.0 MB (large.W 4.0 MB, middle.W 4.0 kB, small.W 40 B). ' +
        'A smaller batch (`--batch`) needs less.',
    });
  });

  it('counts the data, where it is known', () => {
    expect(() => checkMemory(specification, 2, 166_016_160, 100_000_000)).not.toThrow();
    expect(() => checkMemory(specification, 2, 166_016_159, 100_000_000)).toThrow();
    expect(memoryParts(specification, 2, 5).find(({ name }) => name === 'data')?.bytes).toBe(5);
  });

  it('knows of memory that is there', () => {
    expect(availableMemory()).toBeGreaterThan(2 ** 20);
  });
});
