import { describe, expect, it } from 'vitest';
import { folderWith, nncHere } from './program.ts';

const model = `layer Square (x: [D]) {
  param A: [D, D] = he
  return A @ (x * x)
}

model Squares {
  input  x: [4]
  target y: [4]
  net { Square  ReLU  Square }
  loss      MSE
  optimizer SGD
}
`;

async function derive(...words: readonly string[]) {
  return nncHere(['derive', 'model.nn', ...words], { cwd: folderWith({ 'model.nn': model }) });
}

describe('nnc derive', () => {
  it('prints the layers of the file, then the chain', async () => {
    const { code, stdout, stderr } = await derive();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('    ∂L/∂A = (∂L/∂y)ᵀ (x ⊙ x)\n');
    expect(stdout).toContain('    ∂L/∂x = 2 x ⊙ (∂L/∂y A)\n');
    expect(stdout).toContain('Squares: x → square_1 → relu_1 → square_2 → L\n');
    expect(stdout).toContain(
      '    ∂L/∂square_2 → Square (above)\n    ∂L/∂relu_1 → ReLU (nnc derive --layer ReLU)\n',
    );
  });

  it('prints a layer of the library', async () => {
    const { code, stdout } = await derive('--layer', 'Softmax');
    expect(code).toBe(0);
    expect(stdout).toContain('∂L/∂x = y ⊙ (∂L/∂y − Σ_D ∂L/∂y ⊙ y)');
  });

  it('prints LaTeX', async () => {
    const { stdout } = await derive('--layer', 'Square', '--format', 'latex');
    expect(stdout).toContain(
      '\\frac{\\partial L}{\\partial A} &= \\left(\\frac{\\partial L}{\\partial y}\\right)^\\top',
    );
  });

  it('refuses what has no formula, and what is not there', async () => {
    const residual = await derive('--layer', 'Residual');
    expect(residual.code).toBe(2);
    expect(residual.stderr).toContain(
      '`Residual` has no formula by itself: its argument `body` has no default',
    );
    const unknown = await derive('--layer', 'Sofmax');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('Did you mean `Softmax`?');
  });
});
