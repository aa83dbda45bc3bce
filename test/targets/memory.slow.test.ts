// What is printed of a model's memory is what is allocated, to the byte: the plan of every example against the memory that the runtime
// takes for it, on wasm and native, on one thread and on two.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compilationIn, compileUntil } from '../../src/compile.ts';
import { allocatedBytes } from '../../src/runtime/memory-use.ts';
import { createNativeExecutable } from '../../src/runtime/native/native-executable.ts';
import { createWasmExecutable } from '../../src/runtime/wasm/wasm-executable.ts';
import { relaxedSimd } from '../../src/runtime/wasm/features.ts';
import { buildNative } from '../../src/targets/native/print.ts';
import type { TargetName } from '../../src/targets/table.ts';
import { buildWasm } from '../../src/targets/wasm/print.ts';
import { describeNative, temporaryFolder } from '../codegen/c/run-native.ts';

const examples = readdirSync('models').filter((name) => name.endsWith('.nn'));

async function planned(file: string, target: TargetName) {
  const source = { path: file, text: readFileSync(`models/${file}`, 'utf8'), library: false };
  const state = await compileUntil({ source, options: { target }, until: 'memory' });
  const { specification, programs } = compilationIn(state);
  if (!specification.memory) throw new Error('nothing was planned');
  const kernels = [...programs].map(([name, program]) => ({ ...program.kernels, name }));
  return { memory: specification.memory, kernels };
}

describe('memory on wasm', () => {
  it.each(examples)('%s', async (file) => {
    const { memory, kernels } = await planned(file, 'wasm');
    const { bytes, layout } = await buildWasm(kernels, { fused: await relaxedSimd() });
    for (const threads of [1, 2]) {
      const executable = await createWasmExecutable(bytes, layout, { threads });
      expect(executable.allocated).toBe(allocatedBytes(memory, threads));
      await executable.destroy();
    }
  });
});

describeNative('memory of native code', () => {
  const folder = temporaryFolder();
  it.each(examples)('%s', async (file) => {
    const { memory, kernels } = await planned(file, 'native');
    const { library, layout } = await buildNative(kernels, folder);
    for (const threads of [1, 2]) {
      const executable = await createNativeExecutable(library, layout, { threads });
      expect(executable.allocated).toBe(allocatedBytes(memory, threads));
      await executable.destroy();
    }
  });
});
