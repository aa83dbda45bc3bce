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
