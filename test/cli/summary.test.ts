import { describe, expect, it } from 'vitest';
import { folderWith, nncHere } from './program.ts';

const model = `layer Block(out: int) (x: [D]) -> [out] { x -> Linear(out) -> BatchNorm -> ReLU }

model M {
  input x: [6]
  target y: [6]
  let enc = Linear(6)
  output Block(6)(enc(relu(enc(x))))
  loss MSE
  optimizer SGD(lr = 0.1)
}
`;

describe('nnc summary', () => {
  it('sets layers inside others in, and tells a second use of weights from a first', async () => {
    const { code, stdout } = await nncHere(['summary', 'm.nn'], { cwd: folderWith({ 'm.nn': model }) });
    expect(code).toBe(0);
    const rows = stdout
      .split('\n')
      .map((line) => line.replace(/ {2,}/g, (spaces, at) => (at === 0 ? spaces : ' | ')));
    expect(rows).toEqual(
      expect.arrayContaining([
        'enc | Linear | [6] | 42 | 72',
        'enc | Linear (shared) | [6] | 0 | 0',
        'block_1 | Block | [6] | 0 | 0',
        '  block_1.linear_1 | Linear | [6] | 42 | 36',
        '  block_1.batch_norm_1 | BatchNorm | [6] | 12 | 0',
        'learned | 96 parameters (384 B)',
        'buffers | 12 numbers that training updates without a gradient (48 B)',
      ]),
    );
  });

  it('gives the same as data', async () => {
    const { stdout } = await nncHere(['summary', 'm.nn', '--json'], { cwd: folderWith({ 'm.nn': model }) });
    const { layers, totals } = JSON.parse(stdout) as {
      layers: { path: string; level: number; shared: boolean }[];
      totals: { parameters: number; buffers: number };
    };
    expect(totals).toMatchObject({ parameters: 96, buffers: 12 });
    expect(layers.map(({ path, level, shared }) => [path, level, shared])).toContainEqual([
      'block_1.relu_1',
      1,
      false,
    ]);
    expect(layers.filter(({ shared }) => shared).map(({ path }) => path)).toEqual(['enc']);
  });

  it('counts what stands in the model itself, and in a layer with several results', async () => {
    const own = `layer Pair (x: [D]) { param w: [D] = ones  return w * x, x }

model M {
  input x: [20]
  target y: class(3)
  param A: [32, 20] = he, a: [32] = zeros, B: [3, 32] = he, b: [3] = zeros
  let (first, second) = Pair(x)
  output B @ relu(A @ (first + second) + a) + b
  loss CrossEntropy
  optimizer AdamW
}
`;
    const { stdout } = await nncHere(['summary', 'm.nn', '--json'], { cwd: folderWith({ 'm.nn': own }) });
    const { layers, totals } = JSON.parse(stdout) as {
      layers: { path: string; layer: string; parameters: number; multiplyAdds: number }[];
      totals: { parameters: number; multiplyAdds: number };
    };
    const numbers = { parameters: 32 * 20 + 32 + 3 * 32 + 3 + 20, multiplyAdds: 32 * 20 + 3 * 32 };
    expect(layers).toMatchObject([{ path: '', layer: 'M', ...numbers }]);
    expect(totals).toMatchObject(numbers);
    const shown = await nncHere(['summary', 'm.nn'], { cwd: folderWith({ 'm.nn': own }) });
    expect(shown.stdout).toMatch(/^\(model\) +M +\[3\] +791 +736$/m);
  });
});
