// The device as models use it: threads change nothing but the time, memory stays as it is, faults are errors.
import { syncBuiltinESMExports } from 'node:module';
import workerThreads, { Worker } from 'node:worker_threads';
import { describe, expect, test, vi } from 'vitest';
import { buildWasm, type WasmTargetOptions } from '../../../src/targets/wasm/print.ts';
import { compile } from '../../../src/compile.ts';
import { createModel } from '../../../src/runtime/create-model.ts';
import type { Model } from '../../../src/runtime/model.ts';
import { relaxedSimd } from '../../../src/runtime/wasm/features.ts';
import { createWasmExecutable } from '../../../src/runtime/wasm/wasm-executable.ts';
import { words } from '../../../src/runtime/wasm/words.ts';
import { numbersFrom } from '../../ops/tensors.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';

const text = `model Small {
  input image: [3, 12, 12]
  target digit: class(4)
  net {
    Conv2d(8, kernel = 3, padding = same)
    BatchNorm
    ReLU
    MaxPool2d(2)
    Conv2d(10, kernel = 3, padding = same)
    GELU
    Flatten
    Dropout(0.3)
    Linear(150)
    Tanh
    Linear(4)
  }
  loss CrossEntropy
  optimizer Adam(lr = 0.01)
  metrics accuracy
  train { batch = 32 seed = 3 }
}`;

const compilation = compile({ path: 'small.nn', text, library: false });
const programs = [...compilation.programs].map(([name, { kernels }]) => ({ ...kernels, name }));
const { specification } = compilation;

async function makeModel(threads: number, options: WasmTargetOptions = {}, apart = false): Promise<Model> {
  const fused = options.fused ?? (await relaxedSimd());
  const built = await buildWasm(programs, { ...options, fused });
  return createModel(
    specification,
    () => createWasmExecutable(built.bytes, built.layout, { threads, apart }),
    {},
  );
}

const random = numbersFrom(11);
const batches = Array.from({ length: 4 }, () => ({
  image: Float32Array.from({ length: 32 * 3 * 144 }, () => 2 * random() - 1),
  digit: Float32Array.from({ length: 32 }, () => Math.floor(4 * random())),
}));

async function trained(model: Model): Promise<{ readonly losses: number[]; readonly state: Uint8Array }> {
  const losses: number[] = [];
  for (let i = 0; i < 12; i++) losses.push((await model.step(batches[i % batches.length] ?? {})).loss);
  const state = await model.save();
  await model.destroy();
  return { losses, state };
}

const wakeForNothing = `const { buffer, places } = require('node:worker_threads').workerData;
const [integers, pause] = [new Int32Array(buffer), new Int32Array(new SharedArrayBuffer(4))];
for (;;) {
  for (const place of places) Atomics.notify(integers, place);
  Atomics.wait(pause, 0, 0, 0.02);
}`;

/** A model and the memory that its threads share. */
async function withMemory(make: () => Promise<Model>): Promise<{ model: Model; memory: WebAssembly.Memory }> {
  const { Memory } = WebAssembly;
  let memory: WebAssembly.Memory | undefined;
  const spy = vi.spyOn(WebAssembly, 'Memory').mockImplementation(function (descriptor) {
    return (memory = new Memory(descriptor));
  });
  const model = await make();
  spy.mockRestore();
  if (!memory) throw new Error('no memory was made');
  return { model, memory };
}

describe('the wasm device', () => {
  test('gives the same bits on any number of threads', async () => {
    const one = await trained(await makeModel(1));
    expect(one.losses.at(-1)).toBeLessThan(one.losses[0] ?? 0);
    for (const threads of [2, 3, 5]) {
      const many = await trained(await makeModel(threads));
      expect(many.losses).toEqual(one.losses);
      expect(Buffer.compare(many.state, one.state)).toBe(0);
    }
  });

  // a thread that is late to wake others wakes whoever sleeps at the next barrier already
  test('gives the same bits when threads are woken for nothing', async () => {
    const one = await trained(await makeModel(1));
    for (const threads of [2, 3]) {
      const { model, memory } = await withMemory(() => makeModel(threads));
      new Int32Array(memory.buffer)[words.longSpins / 4] = 1;
      const waker = new Worker(wakeForNothing, {
        eval: true,
        workerData: { buffer: memory.buffer, places: [words.generation / 4, words.job / 4] },
      });
      const many = await trained(model);
      await waker.terminate();
      expect(many.losses).toEqual(one.losses);
      expect(Buffer.compare(many.state, one.state)).toBe(0);
    }
  });

  test('gives the same bits without threads in the module', async () => {
    const shared = await trained(await makeModel(2, { fused: false }));
    const lone = await trained(await makeModel(1, { fused: false, threads: false }));
    expect(lone.losses).toEqual(shared.losses);
    expect(Buffer.compare(lone.state, shared.state)).toBe(0);
  });

  test('gives the same bits when this thread takes no part', async () => {
    const one = await trained(await makeModel(1));
    for (const threads of [1, 2]) {
      const apart = await trained(await makeModel(threads, {}, true));
      expect(apart.losses).toEqual(one.losses);
      expect(Buffer.compare(apart.state, one.state)).toBe(0);
    }
  });

  test('gives the same bits where Node may start no worker', async () => {
    const one = await trained(await makeModel(1));
    const refused = vi.spyOn(workerThreads, 'Worker').mockImplementation(function () {
      throw new Error('Access to this API has been restricted');
    });
    syncBuiltinESMExports();
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const model = await makeModel(3);
    refused.mockRestore();
    syncBuiltinESMExports();
    expect(model.mode).toMatch(/^wasm, 1 thread\b/);
    expect(warned.mock.calls.flat()).toEqual([
      'nnc: Node could start no worker thread (Access to this API has been restricted). The model runs on one thread.',
    ]);
    warned.mockRestore();
    expect((await trained(model)).losses).toEqual(one.losses);
  });

  test('says how it runs', async () => {
    const model = await makeModel(2, { fused: false });
    expect(model.mode).toBe('wasm, 2 threads, plain SIMD');
    await model.destroy();
  });

  test('refuses what does not fit', async () => {
    const built = await buildWasm(programs, { fused: false });
    const executable = await createWasmExecutable(built.bytes, built.layout, { threads: 1 });
    await expect(executable.run('step', {})).rejects.toThrow('`image` must be');
    await expect(executable.run('gradient', {})).rejects.toThrow('without its program `gradient`');
    await expect(executable.read('nowhere')).rejects.toThrow('nowhere');
    await expect(executable.write('linear_1.b', new Float32Array(3))).rejects.toThrow(RangeError);
    await executable.destroy();
    await expect(executable.read('linear_1.b')).rejects.toThrow('destroyed');
    await expect(createWasmExecutable(built.bytes, built.layout, { threads: 0 })).rejects.toThrow('threads');
  });

  test('notices an engine that computes wrongly', async () => {
    const built = await buildWasm(programs, { fused: false, threads: false });
    // The factor 7 of the start-up test becomes 6.
    const wrong = built.source.replace('f32x4.splat(7.0)', 'f32x4.splat(6.0)');
    expect(wrong).not.toBe(built.source);
    const { compileWasm } = await import('../../../src/targets/wasm/compile.ts');
    const bytes = await compileWasm(wrong, { fused: false, threads: false });
    await expect(createWasmExecutable(bytes, built.layout)).rejects.toThrow('start-up test');
  });

  test('does not grow', async () => {
    const model = await makeModel(2);
    const batch = batches[0] ?? {};
    const measure = () => {
      collectGarbage();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    for (let i = 0; i < 50; i++) await model.step(batch);
    // What grows once is the engine's (compiled code, for one); what leaks grows every time.
    const growth: number[] = [];
    for (let round = 0; round < 5; round++) {
      const before = measure();
      for (let i = 0; i < 1000; i++) await model.step(batch);
      growth.push(measure() - before);
    }
    // one small object a step would be some 50 kB
    expect(Math.min(...growth)).toBeLessThan(30_000);
    await model.destroy();
  });
});
