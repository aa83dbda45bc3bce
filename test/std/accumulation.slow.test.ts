// Gradients accumulated over several batches: as good as one large batch, and counted as one update.
import { expect, it } from 'vitest';
import { describeOnEveryTarget, modelOn } from '../codegen/every-target.ts';
import { expectClose } from '../codegen/training.ts';
import { numbersFrom } from '../ops/tensors.ts';

const text = (train: string) => `model M {
  input  x: [6]
  target c: class(3)
  net { Linear(8) GELU Linear(3) }
  loss      CrossEntropy
  optimizer Adam(lr = 0.02)
  clip      ByNorm(0.2)
  schedule  Cosine(warmup = 2)
  train { ${train} seed = 3 }
}`;

const random = numbersFrom(8);
const rounds = 3;
const examples = 64 * rounds;
const data = {
  x: Float32Array.from({ length: 6 * examples }, () => 2 * random() - 1),
  c: Float32Array.from({ length: examples }, () => Math.floor(3 * random())),
};
const part = (from: number, count: number) => ({
  x: data.x.slice(6 * from, 6 * (from + count)),
  c: data.c.slice(from, from + count),
});

describeOnEveryTarget('accumulate = 4', (target) => {
  it('with a batch of 16 equals a batch of 64', async () => {
    const small = await modelOn(target, text('batch = 16 accumulate = 4'), { programs: ['step'] });
    const large = await modelOn(target, text('batch = 64'), { programs: ['step'] });
    small.totalSteps = 4 * rounds;
    large.totalSteps = rounds;
    const start = await small.parameters();
    for (let round = 0; round < rounds; round++) {
      let loss = 0;
      for (let i = 0; i < 4; i++) {
        const before = await small.parameters();
        loss += (await small.step(part(64 * round + 16 * i, 16))).loss / 4;
        if (i < 3) expect(await small.parameters()).toEqual(before);
      }
      const whole = await large.step(part(64 * round, 64));
      expect(Math.abs(loss - whole.loss)).toBeLessThan(1e-5);
    }
    const [found, expected] = [await small.parameters(), await large.parameters()];
    expect([...found.keys()]).toEqual([...expected.keys()]);
    for (const [path, { data: values }] of expected) {
      expectClose(found.get(path)?.data ?? [], values, 1e-5);
      expect(values).not.toEqual(start.get(path)?.data);
    }
    await Promise.all([small.destroy(), large.destroy()]);
  });
});

it('what was accumulated is saved with the model', async () => {
  const first = await modelOn('interpreter', text('batch = 16 accumulate = 4'), { programs: ['step'] });
  const second = await modelOn('interpreter', text('batch = 16 accumulate = 4'), { programs: ['step'] });
  for (const i of [0, 1, 2]) await first.step(part(16 * i, 16));
  await second.load(await first.save());
  await first.step(part(48, 16));
  await second.step(part(48, 16));
  expect(await second.parameters()).toEqual(await first.parameters());
});

it('one batch an update needs no states of its own', async () => {
  const plain = await modelOn('interpreter', text('batch = 16'), { programs: ['step'] });
  const one = await modelOn('interpreter', text('batch = 16 accumulate = 1'), { programs: ['step'] });
  expect(one.specification).toEqual(plain.specification);
});
