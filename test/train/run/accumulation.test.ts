// What gradients were accumulated of at the end of an epoch makes an update: no batch is dropped.
import { expect, it } from 'vitest';
import { compileText, openInterpreted, runInterpreted, testFolder } from '../interpreted-run.ts';

const rows = Array.from({ length: 24 }, (_, i) => `${(i % 5) - 2},${i}\n`).join('');
const text = (train: string) => `model M {
  input  x: [1]
  target y: [1]
  net { Linear(1, init = zeros) }
  loss      MSE
  optimizer SGD(lr = 0.05)
  data  csv("t.csv", target = "y")  // allow(data.constant)
  train { ${train}  seed = 1 }
}`;

async function trained(train: string): Promise<readonly number[]> {
  const folder = testFolder({ 't.csv': `a,y\n${rows}` });
  const kept: number[][] = [];
  const compilation = compileText(text(train));
  await runInterpreted({
    compilation,
    folder,
    changes: {
      create: async (options) => {
        const model = await openInterpreted(compilation, options);
        const destroy = model.destroy.bind(model);
        model.destroy = async () => {
          for (const { data } of (await model.parameters()).values()) kept.push([...data]);
          await destroy();
        };
        return model;
      },
    },
  });
  return kept.flat();
}

const close = (found: readonly number[], expected: readonly number[]) => {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 5));
};

it('an epoch of fewer batches than are accumulated makes one update, of their mean', async () => {
  const whole = await trained('epochs = 1  batch = 24');
  expect(Math.abs(whole[0] ?? 0) + Math.abs(whole[1] ?? 0)).toBeGreaterThan(0.1);
  close(await trained('epochs = 1  batch = 4  accumulate = 8'), whole);
  close(await trained('epochs = 3  batch = 4  accumulate = 8'), await trained('epochs = 3  batch = 24'));
});

it('batches left over are not carried into the next epoch', async () => {
  // 6 batches an epoch: one update of 4 and one of 2, so that two epochs make four updates
  const resumed = await trained('epochs = 2  batch = 4  accumulate = 4');
  const unlike = await trained('epochs = 2  batch = 4  accumulate = 6');
  expect(resumed[1]).not.toBeCloseTo(unlike[1] ?? NaN, 3);
  close(await trained('epochs = 2  batch = 4  accumulate = 6'), await trained('epochs = 2  batch = 24'));
});
