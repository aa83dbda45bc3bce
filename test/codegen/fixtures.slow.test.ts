// What the compiler writes for the example models, form by form: test/fixtures/generated/MODEL/ holds the printed graphs and kernels
// of the training step, the TypeScript for gpu.js, the AssemblyScript for WebAssembly, the C for AVX2 and a module's types, for a batch
// of 2.
// With NNC_UPDATE_FIXTURES=1 they are written anew. Read what changed before it is committed: people learn from this code.
// What it computes is for examples.slow.test.ts.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { printGpujsModule } from '../../src/codegen/gpujs/module.ts';
import { printDeclarations } from '../../src/codegen/module-types.ts';
import { printNative } from '../../src/targets/native/print.ts';
import { printWasm } from '../../src/targets/wasm/print.ts';
import { compile } from '../../src/compile.ts';
import { printGraph } from '../../src/ir/graph/print.ts';
import { machineOf } from '../../src/schedule/machine/native.ts';
import { printKernels } from '../../src/ir/stages/print.ts';
import { typeErrors } from './modules.ts';

const folder = 'test/fixtures/generated';
const update = process.env['NNC_UPDATE_FIXTURES'] === '1';

/** Left out: the same kernels as mnist-cnn's many times over. */
const alike = ['cifar10-cnn.nn', 'fashion-cnn.nn'];
const names = readdirSync('models')
  .filter((file) => file.endsWith('.nn') && !alike.includes(file))
  .map((file) => file.slice(0, -'.nn'.length));

/** AssemblyScript and C are long, most of it alike from model to model: a perceptron, a recurrence and attention show it all. */
const assembled = ['mnist-mlp', 'sequence'];

function print(name: string): ReadonlyMap<string, string> {
  const path = `models/${name}.nn`;
  const source = { path, text: readFileSync(path, 'utf8'), library: false };
  const compilation = compile(source, { batch: 2 });
  const step = compilation.programs.get('step');
  if (!step) throw new Error('no training step');
  const kernels = [...compilation.programs].map(([program, form]) => ({ ...form.kernels, name: program }));
  return new Map([
    ['graph.txt', printGraph(step.graph)],
    ['kernels.txt', printKernels(step.kernels)],
    ['gpujs.ts', printGpujsModule(compile(source, { batch: 2, target: 'gpujs' }))],
    ...(assembled.includes(name) ? ([['wasm.as', printWasm(kernels).source]] as const) : []),
    ...(assembled.includes(name)
      ? ([['types.d.mts', printDeclarations(compilation.specification, 'WasmModelOptions')]] as const)
      : []),
    ...(assembled.includes(name)
      ? ([['native.c', printNative(kernels, machineOf('avx2')).source]] as const)
      : []),
  ]);
}

describe('the code generated for the example models', () => {
  it('there are at least six models', () => {
    expect(names.length).toBeGreaterThanOrEqual(6);
  });

  it.each(names)('%s', (name) => {
    const forms = print(name);
    expect(print(name)).toEqual(forms);
    for (const [file, text] of forms) {
      const path = `${folder}/${name}/${file}`;
      if (update) {
        mkdirSync(`${folder}/${name}`, { recursive: true });
        writeFileSync(path, text);
      }
      expect(text, path).toBe(readFileSync(path, 'utf8'));
    }
  });

  it('type-checks under strict', () => {
    const modules = names.map((name) => [name, readFileSync(`${folder}/${name}/gpujs.ts`, 'utf8')] as const);
    expect(typeErrors(new Map(modules))).toEqual([]);
  });
});
