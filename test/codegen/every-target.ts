// A model of a text as people use it, on every target that runs within a test: the interpreter in float64, gpu.js on the CPU, and
// WebAssembly and native code on one thread.
import { describe } from 'vitest';
import { buildNative } from '../../src/targets/native/print.ts';
import { buildWasm } from '../../src/targets/wasm/print.ts';
import type { Compilation, CompileOptions } from '../../src/driver/compilation.ts';
import { compile } from '../../src/compile.ts';
import { interpret } from '../../src/ir/stages/interpret.ts';
import { createModel } from '../../src/runtime/create-model.ts';
import type { Arrays, Executable } from '../../src/runtime/executable.ts';
import type { Model } from '../../src/runtime/model.ts';
import { createNativeExecutable } from '../../src/runtime/native/native-executable.ts';
import { namedRecord } from '../../src/runtime/tensor.ts';
import { createWasmExecutable } from '../../src/runtime/wasm/wasm-executable.ts';
import { lacksCompiler, nativeTitle, temporaryFolder } from './c/run-native.ts';
import { generate } from './generated.ts';
import { load } from './modules.ts';

const everyTarget = ['interpreter', 'gpujs', 'wasm', 'native'] as const;
export type TestTarget = (typeof everyTarget)[number];

const folder = temporaryFolder();

/** The same tests for every target; those of native code are skipped where there is no C compiler. */
export function describeOnEveryTarget(title: string, tests: (target: TestTarget) => void): void {
  for (const target of everyTarget) {
    const name = target === 'native' ? nativeTitle : target;
    describe.skipIf(target === 'native' && lacksCompiler)(`${title} on ${name}`, () => tests(target));
  }
}

export async function modelOn(
  target: TestTarget,
  text: string,
  options: CompileOptions = {},
): Promise<Model> {
  if (target === 'gpujs') {
    const module = await load(generate('case', text, options).text);
    return module.create({ mode: 'cpu' });
  }
  const compilation = compile({ path: 'case.nn', text, library: false }, options);
  const { specification } = compilation;
  if (target === 'interpreter')
    return createModel(specification, () => Promise.resolve(interpreted(compilation)), {});
  const programs = [...compilation.programs].map(([name, { kernels }]) => ({ ...kernels, name }));
  if (target === 'native') {
    const { library, layout } = await buildNative(programs, folder);
    return createModel(specification, () => createNativeExecutable(library, layout, { threads: 1 }), {});
  }
  const { bytes, layout } = await buildWasm(programs, {});
  const link = () => createWasmExecutable(bytes, layout, { threads: 1 });
  return createModel(specification, link, {});
}

/** An executable that computes in float64; what it gives and keeps is float32, as every executable's. */
function interpreted({ specification, programs }: Compilation): Executable {
  let stored = new Map<string, Float32Array>();
  const lengths = new Map(
    specification.stored.map(({ path, shape }) => [path, shape.reduce((a, b) => a * b, 1)]),
  );
  return {
    mode: 'interpreter',
    run(name, inputs): Promise<Arrays> {
      const kernels = programs.get(name)?.kernels;
      if (!kernels) throw new Error(`no program ${name}`);
      const wanted = kernels.buffers.flatMap(({ role, name }) => (role.kind === 'input' ? [name] : []));
      const given = wanted.map((input) => [input, inputs[input] ?? new Float32Array()] as const);
      const result = interpret(kernels, { inputs: new Map(given), stored });
      stored = new Map([
        ...stored,
        ...[...result.stored].map(([path, values]) => [path, Float32Array.from(values)] as const),
      ]);
      return Promise.resolve(
        namedRecord([...result.outputs].map(([output, values]) => [output, Float32Array.from(values)])),
      );
    },
    read: (path) => Promise.resolve(Float32Array.from(stored.get(path) ?? [])),
    write(path, values) {
      if (values.length !== lengths.get(path)) throw new RangeError(`${path} has another length`);
      stored.set(path, values.slice());
      return Promise.resolve();
    },
    destroy: () => Promise.resolve(),
  };
}
