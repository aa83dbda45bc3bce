// Whole modules: printed, type-checked, and trained in every mode of gpu.js against the interpreter.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { interpret } from '../../../src/ir/interpret.ts';
import { initialise } from '../../../src/runtime/initialise.ts';
import type { Port, ProgramName } from '../../../src/runtime/index.ts';
import { randomKey } from '../../../src/runtime/random.ts';
import { elementCount } from '../../../src/runtime/tensor.ts';
import { numbersFrom } from '../../ops/tensors.ts';
import { generate, type Generated } from '../generated.ts';
import { load, typeErrors } from '../modules.ts';
import { modeTitle, testedModes } from './gpu-modes.ts';

const programs = ['forward', 'evaluate', 'step', 'gradient'] as const;

const texts = new Map([
  [
    'perceptron',
    `model Perceptron {
      input  x: [6]
      target label: class(3)
      net { Linear(5, init = he)  Tanh  Dropout(0.25)  Linear(3) }
      loss CrossEntropy
      optimizer Adam(lr = 0.05)
      schedule Cosine(warmup = 2)
      metrics accuracy
      data mnist()
      train { epochs = 1  batch = 4  seed = 7 }
    }`,
  ],
  [
    'convolution',
    `model Convolution {
      input  x: [2, 6, 5]
      target label: class(3)
      net {
        Conv2d(3, kernel = 3, padding = same)  BatchNorm  ReLU
        MaxPool2d(2)
        Conv2d(4, kernel = 2, stride = 2, padding = 1)
        GlobalAvgPool
        Linear(3)
      }
      loss CrossEntropy
      optimizer SGD(lr = 0.1, momentum = 0.9)
      metrics accuracy
      data mnist()
      train { epochs = 1  batch = 3  seed = 5 }
    }`,
  ],
]);

const generated = new Map<string, Generated>();
beforeAll(() => {
  for (const [name, text] of texts) generated.set(name, generate(name, text, { programs }));
});

function generatedOf(name: string): Generated {
  const found = generated.get(name);
  if (!found) throw new Error(`no model ${name}`);
  return found;
}

/** Numbers for a port of a batch. */
function draw({ shape, limit }: Port, batch: number, random: () => number): Float32Array {
  const value = () => (limit === undefined ? random() * 2 - 1 : Math.floor(random() * limit));
  return Float32Array.from({ length: batch * elementCount(shape) }, value);
}

/** What training steps and an evaluation give, in float64. */
function interpretTraining(
  { compilation }: Generated,
  batches: readonly Readonly<Record<string, Float32Array>>[],
) {
  const { specification } = compilation;
  let stored = new Map<string, ArrayLike<number>>(
    specification.stored.map((tensor) => [tensor.path, initialise(tensor, specification.train.seed)]),
  );
  const kernelsOf = (name: ProgramName) => {
    const program = compilation.programs.get(name);
    if (!program) throw new Error(`no program ${name}`);
    return program.kernels;
  };
  const losses = batches.map((batch, i) => {
    const inputs = new Map<string, ArrayLike<number>>([
      ...Object.entries(batch),
      ['step', [i + 1]],
      ['steps', [2 ** 24]],
      ['random_key', randomKey(specification.train.seed, i + 1)],
    ]);
    const result = interpret(kernelsOf('step'), { inputs, stored });
    stored = new Map([...stored, ...result.stored]);
    return result.outputs.get('loss')?.[0] ?? NaN;
  });
  const inputs = new Map<string, ArrayLike<number>>([
    ...Object.entries(batches[0] ?? {}),
    ['step', [batches.length + 1]],
    ['steps', [2 ** 24]],
    ['random_key', randomKey(specification.train.seed, batches.length + 1)],
  ]);
  const evaluation = interpret(kernelsOf('evaluate'), { inputs, stored });
  const gradient = interpret(kernelsOf('gradient'), { inputs, stored });
  return { losses, stored, evaluation: evaluation.outputs, gradient: gradient.outputs };
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [value, wanted] = [found[i] ?? NaN, expected[i] ?? NaN];
    expect(Math.abs(value - wanted), `element ${i}: ${value} for ${wanted}`).toBeLessThanOrEqual(
      tolerance * Math.max(Math.abs(wanted), 0.1),
    );
  }
}

describe('generated modules', () => {
  it('are the same bytes each time', () => {
    for (const [name, text] of texts)
      expect(generate(name, text, { programs }).text).toBe(generatedOf(name).text);
  });

  it('type-check under strict, with nothing unused', () => {
    expect(typeErrors(new Map([...generated].map(([name, { text }]) => [name, text])))).toEqual([]);
  });

  it('import from nnc/runtime alone', () => {
    for (const { text } of generated.values()) {
      expect([...text.matchAll(/\bfrom '([^']*)'|\bimport\(/g)].map((match) => match[1])).toEqual([
        'nnc/runtime',
      ]);
    }
  });

  it('have no line that is too long to read', () => {
    for (const { text } of generated.values()) {
      expect(text.split('\n').filter((line) => line.length > 110)).toEqual([]);
    }
  });
});

for (const tested of testedModes) {
  describe.skipIf(tested.missing !== undefined)(`training in mode ${modeTitle(tested)}`, () => {
    it.each([...texts.keys()])('%s', async (name) => {
      const each = generatedOf(name);
      const { create, specification } = await load(each.text);
      const { batch, inputs, targets } = specification;
      const random = numbersFrom(9);
      const batches = Array.from({ length: 4 }, () =>
        Object.fromEntries([...inputs, ...targets].map((port) => [port.name, draw(port, batch, random)])),
      );
      const expected = interpretTraining(each, batches);
      const model = await create({ mode: tested.mode });
      try {
        expect(model.mode).toBe(`gpu.js ${tested.mode}`);
        const losses: number[] = [];
        for (const given of batches) losses.push((await model.step(given)).loss);
        expectClose(losses, expected.losses, tested.tolerance);
        for (const { path } of specification.stored) {
          expectClose((await model.read(path)).data, expected.stored.get(path) ?? [], tested.tolerance);
        }
        const [first = {}] = batches;
        const evaluation = await model.evaluate(first);
        expectClose(evaluation.losses, expected.evaluation.get('loss') ?? [], tested.tolerance);
        const given = Object.fromEntries(inputs.map(({ name: input }) => [input, first[input] ?? []]));
        const forward = await model.forward(given);
        for (const { name: output } of specification.outputs) {
          const values = expected.evaluation.get(`output.${output}`) ?? [];
          expectClose(evaluation.outputs[output]?.data ?? [], values, tested.tolerance);
          expectClose(forward[output]?.data ?? [], values, tested.tolerance);
        }
        const gradient = await model.gradient(first);
        expect(gradient.parameters.size).toBeGreaterThan(0);
        for (const [path, { data }] of gradient.parameters) {
          expectClose(data, expected.gradient.get(`gradient.params.${path}`) ?? [], tested.tolerance);
        }
      } finally {
        await model.destroy();
      }
    });
  });
}

it("the repository's own models print", () => {
  const text = readFileSync(new URL('../../../models/mnist-mlp.nn', import.meta.url), 'utf8');
  expect(generate('mnist-mlp', text).text).toContain('function compute_');
});
