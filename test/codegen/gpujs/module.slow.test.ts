// Whole modules: printed, type-checked, and trained in every mode of gpu.js against the interpreter.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { generate, type Generated } from '../generated.ts';
import { load, typeErrors } from '../modules.ts';
import { batchesFor, expectClose, interpretTraining } from '../training.ts';
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
  describe.skipIf(tested.lacking)(`training in mode ${modeTitle(tested)}`, () => {
    it.each([...texts.keys()])('%s', async (name) => {
      const each = generatedOf(name);
      const { create, specification } = await load(each.text);
      const { inputs } = specification;
      const batches = batchesFor(specification, 4);
      const expected = interpretTraining(each.compilation, batches);
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
