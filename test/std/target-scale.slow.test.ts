// Scaled targets: what every target computes is in the data's units, but for the loss.
import { expect, it } from 'vitest';
import { describeOnEveryTarget, modelOn } from '../codegen/every-target.ts';

const text = `model Sizes {
  input  x: [2]
  target sizes: [2]
  net { Linear(2, init = eye, bias = false) }
  loss      MSE
  optimizer SGD(lr = 0.5)
  metrics   mean_absolute_error, r2
  data  csv("sizes.csv", target = ["height", "weight"], normalize = true)
  train { batch = 2 }
}`;
const x = [1, -1, 0, 2];
// as (1 + 1, -1 - 1) and (0, 2 + 2) deviations
const sizes = [1800 + 200 * 2, 75 - 10 * 2, 1800, 75 + 10 * 4];

describeOnEveryTarget('scaled targets', (target) => {
  it('compare in deviations, and are given in the units of the data', async () => {
    const model = await modelOn(target, text);
    await model.write('sizes.mean', [1800, 75]);
    await model.write('sizes.deviation', [200, 10]);
    const { output } = await model.forward({ x });
    expect([...(output?.data ?? [])]).toEqual([2000, 65, 1800, 95]);
    const found = await model.evaluate({ x, sizes });
    expect([...found.losses]).toEqual([(1 + 1) / 2, (0 + 4) / 2]);
    expect(found.metrics['mean_absolute_error']).toBeCloseTo((200 + 10 + 0 + 20) / 4, 4);
    expect([...(found.outputs['output']?.data ?? [])]).toEqual([2000, 65, 1800, 95]);

    const { loss, metrics } = await model.step({ x, sizes });
    expect(loss).toBeCloseTo(1.5, 5);
    expect(metrics['mean_absolute_error']).toBeCloseTo(57.5, 3);
    // the gradient of a weight is half the sum of error · input over the two examples
    const weights = [...((await model.parameters()).values().next().value?.data ?? [])];
    [1.25, -0.25, -0.25, 2.25].forEach((expected, i) => expect(weights[i]).toBeCloseTo(expected, 5));
    await model.destroy();
  });
});
