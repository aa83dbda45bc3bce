import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith, nncHere } from './program.ts';

const model = `model M {
  input x: [3]
  target y: [2]
  net { Linear(4)  ReLU  Linear(2) }
  loss MSE
  optimizer SGD(lr = 0.1)
}
`;

describe('nnc graph', () => {
  it('prints Mermaid and DOT', async () => {
    const cwd = folderWith({ 'm.nn': model });
    const mermaid = await nncHere(['graph', '--format', 'mermaid'], { cwd });
    expect([mermaid.code, mermaid.stderr]).toEqual([0, '']);
    expect(mermaid.stdout).toContain('flowchart TB');
    expect((await nncHere(['graph', 'm.nn', '--format', 'dot', '--gradient'], { cwd })).stdout).toContain(
      '∂ linear_1',
    );
  });

  it("takes the format from the file's name", async () => {
    const cwd = folderWith({ 'm.nn': model });
    const { code, stderr } = await nncHere(['graph', 'm.nn', '--out', 'pictures/m.svg'], { cwd });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^wrote pictures\/m\.svg \(\d+ bytes\)\n$/);
    expect(readFileSync(join(cwd, 'pictures/m.svg'), 'utf8')).toMatch(/^<svg/);
  });

  it('names an unknown layer', async () => {
    const { code, stderr } = await nncHere(['graph', 'm.nn', '--layer', 'ReLu'], {
      cwd: folderWith({ 'm.nn': model }),
    });
    expect(code).toBe(2);
    expect(stderr).toContain('the model has no layer ReLu');
    expect(stderr).toContain('Did you mean `ReLU`?');
  });
});
