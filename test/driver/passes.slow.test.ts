// The list of passes, by what is read from it: every form can be printed, and measured; a pass stops where it is told to.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileUntil, passes } from '../../src/compile.ts';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.ts';
import { emit, emittedForm } from '../../src/driver/emit.ts';
import type { PassTiming } from '../../src/driver/passes/run.ts';

const source = {
  path: 'models/mnist-mlp.nn',
  text: readFileSync('models/mnist-mlp.nn', 'utf8'),
  library: false,
};
const textOf = async (form: string) => (await emit(source, form, { batch: 2 })).text;
const names = passes.map(({ name }) => name);

/** What only the form behind that pass shows. */
const shown: Readonly<Record<string, RegExp>> = {
  parse: /model name=MnistMlp/,
  names: /^MnistMlp {2}models\/mnist-mlp\.nn$/m,
  elaborate: /= relu\(%\d+\)/,
  'scale-targets': /= relu\(%\d+\)/,
  'simplify-forward': /= log_softmax\(/,
  differentiate: /^backward:$/m,
  invert: /^graph MnistMlp$/m,
  update: /^update:$/m,
  simplify: /^update:$/m,
  lower: /linear_1\.contraction\[i: 2, j: 128\] = Σ_k:784/,
  fuse: /relu_1\[i: 2, j: 128\] = max\(Σ_k:784/,
  legalize: /relu_1\[i: 2, j: 128\] = max\(Σ_k:784/,
  recognize: /\/\/ contraction: /,
  schedule: /relu_1: 256 elements, in the arena from group/,
  loops: /relu_1/,
  memory: /linear_1\.W, 100352 elements/,
  print: /function relu_1_kernel/,
  products: /^mnist-mlp\.wasm: [\d,]+ bytes$/m,
};

describe('--emit after:NAME', () => {
  it.each(names)('prints what %s leaves', async (name) => {
    expect(await textOf(`after:${name}`)).toMatch(shown[name] ?? /no pattern/);
  });

  it('does not run what comes behind', async () => {
    const unknown = { ...source, text: source.text.replace('ReLU', 'Nonsense') };
    expect((await emit(unknown, 'after:names')).text).toContain('MnistMlp');
    await expect(emit(unknown, 'after:elaborate')).rejects.toThrow(DiagnosticError);
    const state = await compileUntil({ source, options: { batch: 2 }, until: 'fuse' });
    expect([state.variants, state.compilation]).toEqual([[], undefined]);
  });

  it('has shorthands', async () => {
    expect(await textOf('ast')).toBe(await textOf('after:parse'));
    expect(await textOf('graph')).toBe(await textOf('after:simplify'));
    expect(await textOf('kernels')).toBe(await textOf('after:fuse'));
    expect(await textOf('gradient')).not.toContain('forward:');
    // gpu.js, of all targets the one whose text is TypeScript
    expect(await textOf('ts')).toContain("from 'nnc/runtime'");
  });

  it.each([
    ['simplify', 'Did you mean `after:simplify`?'],
    ['after:fues', 'Did you mean `after:fuse`?'],
    ['grahp', 'Did you mean `graph`?'],
  ])('%s is no form', (form, help) => {
    try {
      emittedForm(form);
      expect.unreachable();
    } catch (error) {
      const [found] = error instanceof DiagnosticError ? error.diagnostics : [];
      expect([found?.code, found?.args]).toEqual(['form.unknown', { name: form, help }]);
    }
  });
});

describe('--timings', () => {
  it('tells of every pass that ran, in order, how large its form is', async () => {
    const told: PassTiming[] = [];
    await compileUntil({
      source,
      options: { batch: 2 },
      until: 'print',
      watch: (each) => void told.push(each),
    });
    expect(told.map(({ name }) => name)).toEqual(names.slice(0, names.indexOf('print') + 1));
    for (const { ran, verified } of told) expect(Math.min(ran, verified)).toBeGreaterThanOrEqual(0);
    expect(told.map(({ size }) => size.replace(/^[\d,]+ /, ''))).toEqual([
      ...['nodes', 'name', 'nodes', 'nodes', 'nodes', 'nodes', 'nodes', 'nodes', 'nodes'],
      ...['kernels', 'kernels', 'kernels', 'kernels', 'groups', 'statements', 'bytes', 'bytes'],
    ]);
    const kernels = told.filter(({ size }) => size.endsWith('kernels')).map(({ size }) => parseInt(size));
    expect(kernels[1]).toBeLessThan(kernels[0] ?? 0);
  });
});
