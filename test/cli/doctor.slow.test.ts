import { describe, expect, it } from 'vitest';
import { idxFile } from '../train/data/files.ts';
import { folderWith, nnc } from './program.ts';

interface Found {
  readonly canTrain: boolean;
  readonly findings: readonly { name: string; ok: boolean; found: string; help?: string }[];
}

describe('nnc doctor', () => {
  it('finds, or says how to get it', { timeout: 60_000 }, async () => {
    const cwd = folderWith({ 'sets/mnist/train-images-idx3-ubyte': idxFile([1, 2, 2], [0, 0, 0, 0]) });
    const { code, stdout } = await nnc(['doctor', '--json', '--data-root', 'sets'], {
      cwd,
      env: { CC: '/nowhere/cc' },
    });
    expect(code).toBe(0);
    const { canTrain, findings } = JSON.parse(stdout) as Found;
    expect(canTrain).toBe(true);
    const byName = new Map(findings.map((each) => [each.name, each]));
    expect(byName.get('target wasm')).toMatchObject({
      ok: true,
      found: expect.stringContaining('SIMD') as unknown,
    });
    expect(byName.get('target native')).toMatchObject({
      ok: false,
      found: expect.stringContaining('/nowhere/cc') as unknown,
      help: expect.stringContaining('Install gcc or clang') as unknown,
    });
    expect(byName.get('data mnist')).toMatchObject({ ok: true, found: 'sets/mnist' });
    expect(byName.get('data cifar10')).toMatchObject({
      ok: false,
      help: expect.stringContaining('nnc data get cifar10') as unknown,
    });
    expect(byName.get('cache')).toMatchObject({ ok: true });
    for (const name of ['nnc', 'Node', 'threads', 'terminal', 'mode cpu', 'mode webgpu'])
      expect(byName.has(name)).toBe(true);
    // what is missing says what to do
    for (const { ok, help } of findings) expect(ok || (help ?? '').length > 0).toBe(true);
  });
});

describe('nnc help', () => {
  it('explains a command as its --help does', { timeout: 60_000 }, async () => {
    const cwd = folderWith({});
    const [help, same, none, unknown] = await Promise.all([
      nnc(['help', 'train'], { cwd }),
      nnc(['train', '--help'], { cwd }),
      nnc(['help'], { cwd }),
      nnc(['help', 'trian'], { cwd }),
    ]);
    expect([help.code, help.stdout]).toEqual([0, same.stdout]);
    expect(help.stdout).toContain('--overfit');
    expect([none.code, none.stdout]).toEqual([0, expect.stringContaining('nnc doctor') as unknown]);
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      expect.stringContaining('Did you mean `train`?') as unknown,
    ]);
  });
});
