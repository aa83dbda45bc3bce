// A model that was compiled without its training step keeps the optimizer's states all the same, on every target.
import { expect, it } from 'vitest';
import { describeOnEveryTarget, modelOn } from '../codegen/every-target.ts';

const text = `model M {
  input  x: [2]
  target t: [1]
  net { Linear(1) }
  loss      MSE
  optimizer Adam(lr = 0.1)
  train { batch = 2 }
}`;
const batch = { x: [1, 2, 3, 4], t: [1, 0] };

describeOnEveryTarget('idle tensors', (target) => {
  it('what was trained passes through a model for prediction', async () => {
    const trained = await modelOn(target, text, { programs: ['step'] });
    await trained.step(batch);
    const predicting = await modelOn(target, text, { programs: ['forward'] });
    await predicting.load(await trained.save());
    expect(await predicting.read('linear_1.W#m')).toEqual(await trained.read('linear_1.W#m'));
    const again = await modelOn(target, text, { programs: ['step'] });
    await again.load(await predicting.save());
    await trained.step(batch);
    await again.step(batch);
    expect(await again.parameters()).toEqual(await trained.parameters());
    await expect(predicting.write('linear_1.W#m', [1])).rejects.toThrow('2 numbers');
    for (const model of [trained, predicting, again]) await model.destroy();
  });
});

/** Models in which the update of some stored tensor is the identity, so that no kernel knows of it. */
const identities: readonly (readonly [string, string, { readonly [name: string]: number[] }])[] = [
  [
    'a parameter that nothing reads',
    `layer Own (x: [A]) {
  param used: [A] = ones
  param unused: [1] = ones
  return x / (1 + used^2)
}
model M {
  input x: [2]
  target t: [1]
  net { Own Linear(1) }
  loss MSE
  optimizer SGD(lr = 0.1)
  train { batch = 2 }
}`,
    { x: [1, 2, 3, 4], t: [1, 0] },
  ],
  [
    'recurrent weights over one position',
    `model M {
  input x: [1, 2]
  target t: [1]
  net { GRU(3) Flatten Linear(1) }
  loss MSE
  optimizer Adam(lr = 0.1)
  train { batch = 2 }
}`,
    { x: [1, 2, 3, 4], t: [1, 0] },
  ],
  ['a rate of zero', text.replace('Adam(lr = 0.1)', 'SGD(lr = 0)'), batch],
  ['a rate of zero with momentum', text.replace('Adam(lr = 0.1)', 'SGD(lr = 0, momentum = 0.9)'), batch],
];

describeOnEveryTarget('an update that is the identity', (target) => {
  it.each(identities)('%s', async (_, source, arrays) => {
    const model = await modelOn(target, source);
    const { loss } = await model.step(arrays);
    expect(loss).toBeGreaterThan(0);
    expect((await model.step(arrays)).loss).toBeLessThanOrEqual(loss);
    const copy = await modelOn(target, source);
    await copy.load(await model.save());
    for (const { path } of model.specification.stored)
      expect((await copy.read(path)).data, path).toEqual((await model.read(path)).data);
    for (const each of [model, copy]) await each.destroy();
  });
});
