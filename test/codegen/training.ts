// Training in the float64 interpreter: what every target's steps are held against.
import { expect } from 'vitest';
import type { Compilation } from '../../src/compile.ts';
import { interpret } from '../../src/ir/stages/interpret.ts';
import { initialize } from '../../src/runtime/initialize.ts';
import { randomKey } from '../../src/runtime/random.ts';
import type { ModelSpecification, Port, ProgramName } from '../../src/runtime/specification.ts';
import { elementCount } from '../../src/runtime/tensor.ts';
import { numbersFrom } from '../ops/tensors.ts';

/** Batches of random inputs and targets, the same each time. */
export function batchesFor(
  { batch, inputs, targets }: ModelSpecification,
  count: number,
): Readonly<Record<string, Float32Array>>[] {
  const random = numbersFrom(9);
  return Array.from({ length: count }, () =>
    Object.fromEntries([...inputs, ...targets].map((port) => [port.name, draw(port, batch, random)])),
  );
}

/** Numbers for a port of a batch. */
function draw({ shape, limit }: Port, batch: number, random: () => number): Float32Array {
  const value = () => (limit === undefined ? random() * 2 - 1 : Math.floor(random() * limit));
  return Float32Array.from({ length: batch * elementCount(shape) }, value);
}

/** What training steps, and an evaluation and a gradient after them where the model has such programs, give in float64. */
export function interpretTraining(
  compilation: Compilation,
  batches: readonly Readonly<Record<string, Float32Array>>[],
) {
  const { specification } = compilation;
  let stored = new Map<string, ArrayLike<number>>(
    specification.stored.map((tensor) => [tensor.path, initialize(tensor, specification.train.seed)]),
  );
  const losses = batches.map((batch, i) => {
    const result = interpretProgram(compilation, 'step', { batch, step: i + 1, stored });
    stored = new Map([...stored, ...result.stored]);
    return result.outputs.get('loss')?.[0] ?? NaN;
  });
  const after = { batch: batches[0] ?? {}, step: batches.length + 1, stored };
  const evaluation = interpretProgram(compilation, 'evaluate', after);
  const gradient = interpretProgram(compilation, 'gradient', after);
  return { losses, stored, evaluation: evaluation.outputs, gradient: gradient.outputs };
}

/** What a program gives in float64 from a state; nothing if the model has no such program. */
export function interpretProgram(
  { specification: { train }, programs }: Compilation,
  name: ProgramName,
  { batch, step, stored }: InterpretedCall,
) {
  const kernels = programs.get(name)?.kernels;
  if (!kernels) return { outputs: new Map<string, Float64Array>(), stored };
  const inputs = new Map<string, ArrayLike<number>>([
    ...Object.entries(batch),
    ['step', [step]],
    ['steps', [2 ** 24]],
    ['random_key', randomKey(train.seed, step)],
  ]);
  return interpret(kernels, { inputs, stored });
}

interface InterpretedCall {
  readonly batch: Readonly<Record<string, Float32Array>>;
  /** From 1. */
  readonly step: number;
  readonly stored: ReadonlyMap<string, ArrayLike<number>>;
}

/** Every element within a tolerance that is relative to its size, or to 0.1 where it is smaller. */
export function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [value, wanted] = [found[i] ?? NaN, expected[i] ?? NaN];
    expect(Math.abs(value - wanted), `element ${i}: ${value} for ${wanted}`).toBeLessThanOrEqual(
      tolerance * Math.max(Math.abs(wanted), 0.1),
    );
  }
}
