import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { folderWith, nncHere } from './program.ts';

const coupling = readFileSync('models/additive-coupling.nn', 'utf8');

async function check(text: string, ...words: readonly string[]) {
  return nncHere(['check', 'model.nn', ...words], { cwd: folderWith({ 'model.nn': text }) });
}

describe('nnc check of inverses', () => {
  it('verifies the round trip', async () => {
    const { code, stdout, stderr } = await check(coupling);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /model\.nn: no mistakes\n {2}the inverse of additive_coupling_1 gives its input back: off by \d/,
    );
  });

  it('points at an inverse that is none', async () => {
    const { code, stderr } = await check(coupling.replace('y2 - h(y1)', 'y2 - h(y2)'));
    expect(code).toBe(2);
    expect(stderr).toContain(
      'error[inverse.wrong]: this does not undo `AdditiveCoupling`: of a random input, additive_coupling_1',
    );
    expect(stderr).toContain('model.nn:7');
  });

  it('reports what is wrong inside an inverse', async () => {
    const unknown = await check(coupling.replace('y2 - h(y1)', 'y2 - g(y1)'));
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('nothing is called `g` here');
    const half = await check(coupling.replace('concat(y1, y2 - h(y1), axis = C)', 'y1'));
    expect(half.stderr).toContain(
      'the inverse of `AdditiveCoupling` must give back the input, of shape [4, 6, 6]',
    );
  });

  it('derives the inverse of a model when asked, or says why not', async () => {
    const derived = await check(coupling.replace(/\n {2}inverse[^}]*\}\n/s, ''), '--inverse');
    expect(derived.code).toBe(0);
    expect(derived.stdout).toContain('the inverse of Coupling gives its input back');
    const none = await check(coupling.replace('net {', 'net { ReLU '), '--inverse');
    expect(none.code).toBe(2);
    expect(none.stderr).toContain(
      'error[inverse.none]: the inputs of `Coupling` cannot be computed from its outputs: relu gives 0',
    );
    expect((await check(coupling.replace('net {', 'net { ReLU '))).code).toBe(0);
  });
});
