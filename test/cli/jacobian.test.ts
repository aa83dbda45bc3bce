import { describe, expect, it } from 'vitest';
import { folderWith, nncHere } from './program.ts';

const softmax = `model Soft {
  input  x: [3]
  target y: [3]
  net { Softmax }
  loss      MSE
  optimizer SGD
}
`;

const two = `model Two {
  input  a: [2]
  input  b: [2, 2]
  target y: [2]
  output first = b @ a
  output second = a * a
  loss      MSE(first, y)
  optimizer SGD
}
`;

async function grad(model: string, inputs: object, ...words: readonly string[]) {
  const cwd = folderWith({ 'model.nn': model, 'given.json': JSON.stringify({ inputs }) });
  return nncHere(['grad', 'model.nn', 'given.json', '--jacobian', ...words], { cwd });
}

describe('nnc grad --jacobian', () => {
  it('of softmax is diag(s) − s sᵀ for each example, without a target', async () => {
    const x = [
      [0.5, -1, 2],
      [3, 0, 0.25],
    ];
    const { code, stdout, stderr } = await grad(softmax, { x });
    expect([code, stderr]).toEqual([0, '']);
    const found = JSON.parse(stdout) as { readonly jacobian: readonly (readonly (readonly number[])[])[] };
    x.forEach((row, n) => {
      const powers = row.map(Math.exp);
      const s = powers.map((power) => power / powers.reduce((a, b) => a + b));
      s.forEach((si, i) =>
        s.forEach((sj, j) => {
          expect(found.jacobian[n]?.[i]?.[j]).toBeCloseTo((i === j ? si : 0) - si * sj, 12);
        }),
      );
    });
  });

  it('takes the input and the output by name', async () => {
    const inputs = {
      a: [[2, 3]],
      b: [
        [
          [1, 4],
          [5, 6],
        ],
      ],
    };
    const run = async (...words: readonly string[]) => {
      const { stdout } = await grad(two, inputs, ...words);
      return (JSON.parse(stdout) as { readonly jacobian: unknown }).jacobian;
    };
    expect(await run('--output', 'first', '--input', 'a')).toEqual([
      [
        [1, 4],
        [5, 6],
      ],
    ]);
    expect(await run('--output', 'first', '--input', 'b')).toEqual([
      [
        [
          [2, 3],
          [0, 0],
        ],
        [
          [0, 0],
          [2, 3],
        ],
      ],
    ]);
    expect(await run('--output', 'second', '--input', 'a')).toEqual([
      [
        [4, 0],
        [0, 6],
      ],
    ]);
    expect(await run('--output', 'second', '--input', 'b')).toEqual([
      [
        [
          [0, 0],
          [0, 0],
        ],
        [
          [0, 0],
          [0, 0],
        ],
      ],
    ]);
  });

  it('keeps examples apart that a batch mixes', async () => {
    const mixed = softmax.replace('Softmax', 'BatchNorm(affine = false, eps = 0.5)');
    const x = [
      [1, 0, 2],
      [3, 0, -1],
    ];
    const { stdout } = await grad(mixed, { x });
    const { jacobian } = JSON.parse(stdout) as {
      readonly jacobian: readonly (readonly (readonly number[])[])[];
    };
    // of two values ±d about their mean: y = d / √(d² + ½), half of d is the example's own
    const slope = 0.5 * (0.5 / (1 + 0.5) ** 1.5);
    expect(jacobian[0]?.[0]?.[0]).toBeCloseTo(slope, 12);
    expect(jacobian[0]?.[0]?.[1]).toBe(0);
  });

  it('says what there is to choose from', async () => {
    const inputs = {
      a: [[2, 3]],
      b: [
        [
          [1, 4],
          [5, 6],
        ],
      ],
    };
    const none = await grad(two, inputs, '--output', 'first');
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('Name one of them: a, b.');
    const wrong = await grad(two, inputs, '--output', 'frist', '--input', 'a');
    expect(wrong.stderr).toContain('Did you mean `first`?');
  });
});
