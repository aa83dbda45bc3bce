// Max pooling with the winners' positions, against plain loops; the first winner of a tie.
import { expect, it } from 'vitest';
import { describeOnEveryTarget, modelOn } from '../codegen/every-target.ts';
import { numbersFrom } from '../ops/tensors.ts';

interface Case {
  readonly pool: string;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  /** Rows above and columns to the left that padding adds, and the output's size. */
  readonly low: readonly [number, number];
  readonly size: readonly [number, number];
}

const [channels, height, width] = [2, 5, 7];
const cases: readonly Case[] = [
  { pool: 'MaxPool2d(2, positions = true)', kernel: [2, 2], stride: [2, 2], low: [0, 0], size: [2, 3] },
  {
    pool: 'MaxPool2d([3, 2], stride = [1, 2], positions = true)',
    kernel: [3, 2],
    stride: [1, 2],
    low: [0, 0],
    size: [3, 3],
  },
  {
    pool: 'MaxPool2d(3, stride = 2, padding = same, positions = true)',
    kernel: [3, 3],
    stride: [2, 2],
    low: [1, 1],
    size: [3, 4],
  },
];

const random = numbersFrom(6);
const batch = 3;
// Few different numbers, so that many windows have a tie.
const x = Float32Array.from(
  { length: batch * channels * height * width },
  () => Math.floor(4 * random()) - 2,
);

function pooled({ kernel, stride, low, size }: Case): {
  readonly values: number[];
  readonly where: number[];
} {
  const values: number[] = [];
  const where: number[] = [];
  for (let plane = 0; plane < batch * channels; plane++)
    for (let row = 0; row < size[0]; row++)
      for (let column = 0; column < size[1]; column++) {
        let [best, position] = [-Infinity, -1];
        for (let i = 0; i < kernel[0]; i++)
          for (let j = 0; j < kernel[1]; j++) {
            const [y, z] = [row * stride[0] + i - low[0], column * stride[1] + j - low[1]];
            if (y < 0 || y >= height || z < 0 || z >= width) continue;
            const value = x[plane * height * width + y * width + z] ?? NaN;
            if (value > best) [best, position] = [value, y * width + z];
          }
        values.push(best);
        where.push(position);
      }
  return { values, where };
}

const text = (pool: string) => `model M {
  input  x: [${channels}, ${height}, ${width}]
  target t: [1]
  param gain: [] = ones
  let (largest, found) = ${pool}(gain * x)
  output values = largest
  output where_from = found
  loss      mean((mean(values) - t)^2)
  optimizer SGD
  train { batch = ${batch} }
}`;

describeOnEveryTarget('pooling with positions', (target) => {
  it.each(cases)('$pool', async (each) => {
    const model = await modelOn(target, text(each.pool), { programs: ['forward'] });
    const { values, where_from: found } = await model.forward({ x });
    const expected = pooled(each);
    expect(values?.shape).toEqual([batch, channels, ...each.size]);
    expect([...(values?.data ?? [])]).toEqual(expected.values);
    expect([...(found?.data ?? [])]).toEqual(expected.where);
    await model.destroy();
  });
});

it('MaxPool1d says when it was', async () => {
  const model = await modelOn(
    'interpreter',
    `model M {
      input  x: [5, 2]
      target t: [1]
      param gain: [] = ones
      let (largest, found) = MaxPool1d(2, stride = 1, positions = true)(gain * x)
      output values = largest
      output when_from = found
      loss      mean((mean(values) - t)^2)
      optimizer SGD
      train { batch = 1 }
    }`,
    { programs: ['forward'] },
  );
  const { values, when_from: found } = await model.forward({ x: [1, 5, 3, 5, 3, 0, 2, 4, 9, 4] });
  expect([...(values?.data ?? [])]).toEqual([3, 5, 3, 5, 3, 4, 9, 4]);
  expect([...(found?.data ?? [])]).toEqual([1, 0, 1, 1, 2, 3, 4, 3]);
  await model.destroy();
});
