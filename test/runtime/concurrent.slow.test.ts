// Calls of one model that are made at the same time are kept apart: each gives what it gives alone, in the order of the calls.
import { expect, it } from 'vitest';
import { describeOnEveryTarget, modelOn } from '../codegen/every-target.ts';

const text = `model M {
  input  x: [64]
  target t: [3]
  net { Linear(96) Tanh Linear(3) }
  loss      MSE
  optimizer Adam(lr = 0.05)
  train { batch = 16 }
}`;

const arrays = (seed: number) => ({
  x: Float32Array.from({ length: 16 * 64 }, (_, i) => Math.sin(seed * 7 + i)),
  t: Float32Array.from({ length: 16 * 3 }, (_, i) => Math.cos(seed * 3 + i)),
});

describeOnEveryTarget('calls at the same time', (target) => {
  it('give what calls one after the other give', async () => {
    const [together, apart] = [await modelOn(target, text), await modelOn(target, text)];
    const seeds = [1, 2, 3, 4, 5, 6];
    const calls = seeds.flatMap((seed) => {
      const given = arrays(seed);
      const pair = [
        together.step(given).then(({ loss }) => loss),
        together.forward({ x: given.x }).then(({ output }) => [...(output?.data ?? [])]),
      ];
      given.x.fill(NaN);
      given.t.fill(NaN);
      return pair;
    });
    const expected: unknown[] = [];
    for (const seed of seeds) {
      expected.push((await apart.step(arrays(seed))).loss);
      expected.push([...((await apart.forward({ x: arrays(seed).x }))['output']?.data ?? [])]);
    }
    expect(await Promise.all(calls)).toEqual(expected);
    for (const model of [together, apart]) await model.destroy();
  });
});
