import { expect, it } from 'vitest';
import { DiagnosticError } from '../../../src/diagnostics/diagnostic.ts';
import type { ModelSpecification } from '../../../src/runtime/specification.ts';
import { runTraining } from '../../../src/train/run/run.ts';

const specification: ModelSpecification = {
  format: 1,
  name: 'Large',
  source: 'large.nn',
  target: 'none',
  batch: 4,
  inputs: [{ name: 'image', shape: [784], kind: 'real' }],
  targets: [{ name: 'digit', shape: [], kind: 'class', limit: 10 }],
  outputs: [],
  metrics: [],
  stored: [],
  programs: ['step'],
  data: { name: 'csv', positional: ['nowhere.csv'], named: {} },
  train: { epochs: 1, batch: 4, seed: 1, validation: 0 },
  memory: {
    parameters: 1000,
    gradients: 1000,
    states: 0,
    activations: 1000,
    padding: 0,
    scratch: 0,
    page: 1,
  },
  fingerprint: '',
};

const request = (given: ModelSpecification, available: number) => ({
  specification: given,
  create: () => Promise.reject(new Error('a model was made')),
  wishes: {},
  folder: '.',
  places: {
    open: () => Promise.reject(new Error('a folder was asked for')),
    checkpoint: () => 'nowhere.safetensors',
  },
  observers: [],
  signal: new AbortController().signal,
  prepared() {},
  available,
});

const codesOf = async (run: Promise<unknown>): Promise<readonly string[]> => {
  const error = await run.then(
    () => undefined,
    (found: unknown) => found,
  );
  if (error instanceof DiagnosticError) return error.diagnostics.map(({ code }) => code);
  throw error;
};

it('refuses a run that cannot fit before it reads data or makes a model', async () => {
  expect(await codesOf(runTraining(request(specification, 2999)))).toEqual(['memory.exceeded']);
});

it('refuses a model without data, and data that is not there, before it makes a model', async () => {
  const { data, ...without } = specification;
  expect(data?.name).toBe('csv');
  expect(await codesOf(runTraining(request(without, 3000)))).toEqual(['data.none']);
  expect(await codesOf(runTraining(request(specification, 3000)))).toHaveLength(1);
});
