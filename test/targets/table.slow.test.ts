// What the table of targets answers, and what it refuses.
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compile.ts';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.ts';
import { chooseTarget, defaultTarget, targetNames, targetOf, targets } from '../../src/targets/table.ts';

/** The code of what is thrown, and its arguments. */
function refusal(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    const [found] = error instanceof DiagnosticError ? error.diagnostics : [];
    return found && [found.code, found.args];
  }
}

describe('the table of targets', () => {
  it('calls each row by its name', () => {
    expect(targetNames.map((name) => targets[name].name)).toEqual(targetNames);
  });

  it('has one default', () => {
    expect(targetOf().name).toBe(defaultTarget);
    expect(chooseTarget(undefined, undefined)).toBe(defaultTarget);
    const text =
      'model A { input x: [2]  target y: [1]  net { Linear(1) }  loss MSE  optimizer SGD(lr = 0.1) }';
    const source = { path: 'a.nn', text, library: false };
    expect(compile(source).specification.target).toBe(defaultTarget);
    expect(refusal(() => compile(source, { target: 'natve' }))).toEqual([
      'target.unknown',
      { name: 'natve', help: 'Did you mean `native`?' },
    ]);
  });

  it('lists the targets where nothing is near', () => {
    expect(refusal(() => targetOf('webassembly-of-old'))).toEqual([
      'target.unknown',
      { name: 'webassembly-of-old', help: 'There are wasm, native, gpujs.' },
    ]);
  });

  it('chooses the target that has the mode', () => {
    expect(chooseTarget(undefined, 'cpu')).toBe('gpujs');
    expect(chooseTarget('gpujs', 'cpu')).toBe('gpujs');
    expect(refusal(() => chooseTarget('wasm', 'cpu'))).toEqual([
      'target.mode',
      { mode: 'cpu', title: 'gpu.js', target: 'wasm' },
    ]);
    expect(refusal(() => chooseTarget(undefined, 'vulkan'))).toMatchObject([
      'target.mode-unknown',
      { mode: 'vulkan' },
    ]);
  });

  it('refuses results that two machines agree on where a target cannot give them', () => {
    expect(chooseTarget('wasm', undefined, true)).toBe('wasm');
    expect(refusal(() => chooseTarget('native', undefined, true))).toMatchObject([
      'target.deterministic',
      {},
    ]);
  });

  it('says what a machine lacks', async () => {
    const before = process.env['CC'];
    process.env['CC'] = '/nonexistent/cc';
    try {
      const missing = await targets.native.missing();
      expect(missing?.diagnostic.code).toBe('target.compiler');
      expect(missing?.reason).toContain('/nonexistent/cc');
      await expect(targets.native.variants({})).rejects.toThrow(DiagnosticError);
      await expect(targets.native.cacheKey()).rejects.toThrow(DiagnosticError);
    } finally {
      if (before === undefined) delete process.env['CC'];
      else process.env['CC'] = before;
    }
    expect(await targets.wasm.missing()).toBeUndefined();
  });

  it('makes portable code for wasm in two variants, and deterministic code without fused multiply-adds', async () => {
    const variants = async (wishes: Parameters<typeof targets.wasm.variants>[0]) =>
      (await targets.wasm.variants(wishes)).map(({ name }) => name);
    expect(await variants({ portable: true })).toEqual(['fused', 'single']);
    expect(await variants({ deterministic: true })).toEqual(['plain']);
  });
});
