// Clipping against its definition, worked out here from the gradients before it: what PyTorch's clip_grad_value_ and clip_grad_norm_
// do, on every target.
import { describe, expect, it } from 'vitest';
import { describeOnEveryTarget, modelOn } from '../codegen/every-target.ts';
import { expectClose } from '../codegen/training.ts';
import { numbersFrom } from '../ops/tensors.ts';
import { diagnose } from './run-program.ts';

const model = (clip: string) => `model M {
  input  x: [5]
  target c: class(3)
  net { Linear(4) Tanh Linear(3) }
  loss      4 * CrossEntropy(output, c)
  optimizer SGD(lr = 1)
  ${clip}
  train { batch = 6 }
}
// A user's own: the sign alone, scaled by the norm.
clip Signs (g, norm) = norm * sign(g)`;

const random = numbersFrom(5);
const batch = {
  x: Float32Array.from({ length: 30 }, () => 2 * random() - 1),
  c: Float32Array.from({ length: 6 }, () => Math.floor(3 * random())),
};

type Rule = (g: number, norm: number) => number;
const cases: readonly (readonly [string, Rule])[] = [
  ['', (g) => g],
  ['clip ByValue(0.05)', (g) => Math.min(Math.max(g, -0.05), 0.05)],
  ['clip ByNorm(0.3)', (g, norm) => g * Math.min(1, 0.3 / (norm + 1e-6))],
  ['clip ByNorm(1000)', (g) => g],
  ['clip Signs', (g, norm) => norm * Math.sign(g)],
];

describeOnEveryTarget('clipping', (target) => {
  it.each(cases)('%s', async (clip, rule) => {
    const made = await modelOn(target, model(clip), { programs: ['step', 'gradient'] });
    const before = await made.parameters();
    const { parameters: gradients } = await made.gradient(batch);
    const all = [...gradients.values()].flatMap(({ data }) => [...data]);
    const norm = Math.hypot(...all);
    expect(norm).toBeGreaterThan(0.5);
    await made.step(batch);
    for (const [path, { data }] of await made.parameters()) {
      const [old, gradient] = [before.get(path)?.data ?? [], gradients.get(path)?.data ?? []];
      const expected = Array.from(data, (_, i) => (old[i] ?? NaN) - rule(gradient[i] ?? NaN, norm));
      expectClose(data, expected, 1e-5);
    }
    await made.destroy();
  });
});

describe('clipping in the text', () => {
  it('is overridden by its own name', () => {
    const text = model('clip ByNorm(1)');
    expect(diagnose(text, { overrides: { 'clip.limit': '0.5' } }).diagnostics).toEqual([]);
  });

  it('is nothing in a model without it', () => {
    const { graph } = diagnose(model(''));
    expect(graph.nodes.some(({ origin }) => /clipped|gradient_norm/.test(origin.name ?? ''))).toBe(false);
    expect(graph.nodes.filter(({ attributes }) => attributes['storage'] === 'state')).toEqual([]);
  });
});
