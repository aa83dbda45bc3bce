import { describe, expect, it } from 'vitest';
import { folderWith, nnc, nncHere } from './program.ts';

const model = `model Affine {
  input  x: [2]
  target y: [2]
  net { Gate  Linear(2) }
  loss      MSE
  optimizer SGD(lr = 0.1)
}

layer Gate (x: [D]) {
  param g: [D] = ones
  return x * g
}
`;

const stopped = model.replace('x * g', 'x * stop_gradient(g)');

describe('nnc gradcheck', () => {
  it('prints a table of worst errors, with the line of each tensor', async () => {
    const cwd = folderWith({ 'model.nn': model });
    const { code, stdout, stderr } = await nncHere(['gradcheck', 'model.nn'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Affine: gradients against central differences in float64, batch 3, seed 1');
    expect(stdout).toMatch(/gate_1\.g +\[2\] +all 2 +\d\.\de-\d+ +ok +model\.nn:10\n/);
    expect(stdout).toMatch(/linear_1\.b +\[2\] +all 2 +\d\.\de-\d+ +ok +model\.nn:4, std\/dense\.nn:\d+\n/);
    expect(stdout).toMatch(/every gradient agrees\n$/);
  });

  it('shows where a gradient is not the slope of the loss', async () => {
    const cwd = folderWith({ 'model.nn': stopped });
    const { code, stdout, stderr } = await nncHere(['gradcheck', 'model.nn'], { cwd });
    expect(code).toBe(2);
    expect(stdout).toMatch(/gate_1\.g +\[2\] +all 2 +1\.0e\+0 +WRONG +model\.nn:10\n/);
    expect(stdout).toContain('1 of 4 gradients are wrong');
    expect(stderr).toContain('error[gradient.differs]: the gradient towards `gate_1.g` is 0 at [');
    expect(stderr).toContain('model.nn:10');
    expect(stderr).toContain('`stop_gradient` lets no gradient through');
  });

  it('says that it samples, and prints JSON', async () => {
    const cwd = folderWith({ 'model.nn': model });
    const words = ['gradcheck', 'model.nn', '--samples', '1', '--seed', '4', '--batch', '2'];
    const shown = await nncHere(words, { cwd });
    expect(shown.stdout).toContain('Of large tensors, at most one element was checked');
    expect(shown.stdout).toContain('1 of 4');
    const { code, stdout } = await nncHere([...words, '--json'], { cwd });
    expect(code).toBe(0);
    const { loss, tensors, targets } = JSON.parse(stdout) as {
      readonly loss: number;
      readonly tensors: readonly {
        readonly name: string;
        readonly checked: number;
        readonly agrees: boolean;
      }[];
      readonly targets: readonly unknown[];
    };
    expect(loss).toBeGreaterThan(0);
    expect(targets).toEqual([]);
    expect(tensors.map(({ name, checked, agrees }) => [name, checked, agrees])).toEqual([
      ['gate_1.g', 1, true],
      ['linear_1.W', 1, true],
      ['linear_1.b', 1, true],
      ['x', 1, true],
    ]);
  });

  it('compares what runs here with the interpreter', async () => {
    const cwd = folderWith({ 'model.nn': model });
    const { code, stdout } = await nnc(['gradcheck', 'model.nn', '--targets'], { cwd });
    expect(stdout).toMatch(/gpujs cpu +agrees +\d\.\de-\d+/);
    expect(stdout).not.toContain('DIFFERS');
    expect(code).toBe(0);
  });
});
