// The example models in C: the losses of training steps on one thread and on three, against the interpreter in float64, or, where
// that would take long, against WebAssembly's.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildNative } from '../../../src/codegen/c/target.ts';
import { buildWasm } from '../../../src/codegen/wasm/target.ts';
import { compile } from '../../../src/compile.ts';
import { createModel } from '../../../src/runtime/create-model.ts';
import type { Executable } from '../../../src/runtime/executable.ts';
import { createNativeExecutable } from '../../../src/runtime/native/native-executable.ts';
import { createWasmExecutable } from '../../../src/runtime/wasm/wasm-executable.ts';
import { batchesFor, expectClose, interpretTraining } from '../training.ts';
import { describeNative, temporaryFolder } from './run-native.ts';

const slow = new Set(['cifar10-cnn.nn', 'fashion-cnn.nn', 'mnist-cnn.nn']);
const names = readdirSync('models').filter((file) => file.endsWith('.nn'));

describeNative('example models in C', () => {
  const folder = temporaryFolder();

  test.each(names)(
    '%s',
    async (name) => {
      const path = `models/${name}`;
      const source = { path, text: readFileSync(path, 'utf8'), library: false };
      const compilation = compile(source, { batch: 2, programs: ['step'] });
      const { specification, programs } = compilation;
      const batches = batchesFor(specification, 3);
      const kernels = [...programs].map(([program, form]) => ({ ...form.kernels, name: program }));
      const losses = async (executable: Executable) => {
        const model = await createModel(specification, () => Promise.resolve(executable), {});
        const own: number[] = [];
        for (const batch of batches) own.push((await model.step(batch)).loss);
        await model.destroy();
        return own;
      };
      const reference = async () => {
        const { bytes, layout } = await buildWasm(kernels, { fused: false, threads: false });
        return losses(await createWasmExecutable(Uint8Array.from(bytes), layout));
      };
      const expected = slow.has(name) ? await reference() : interpretTraining(compilation, batches).losses;
      const { library, layout } = await buildNative(kernels, folder);
      const found: number[][] = [];
      for (const threads of [1, 3])
        found.push(await losses(await createNativeExecutable(library, layout, { threads })));
      const [one = [], three = []] = found;
      expectClose(one, expected, 1e-4);
      expect(three).toEqual(one);
    },
    120_000,
  );
});
