// The native device as models use it: threads change nothing but the time, this thread stays free while a step takes long, faults are
// errors.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildNative, type NativeText } from '../../../src/targets/native/print.ts';
import { compile } from '../../../src/compile.ts';
import { createModel } from '../../../src/runtime/create-model.ts';
import type { Model } from '../../../src/runtime/model.ts';
import { createNativeExecutable } from '../../../src/runtime/native/native-executable.ts';
import { describeNative, temporaryFolder } from '../../codegen/c/run-native.ts';
import { numbersFrom } from '../../ops/tensors.ts';

const modelOf = (layers: string, batch: number) => `model Small {
  input image: [3, 12, 12]
  target digit: class(4)
  net {
    ${layers}
    Linear(4)
  }
  loss CrossEntropy
  optimizer Adam(lr = 0.01)
  metrics accuracy
  train { batch = ${batch} seed = 3 }
}`;

const usual = modelOf(
  `Conv2d(8, kernel = 3, padding = same) BatchNorm ReLU MaxPool2d(2)
   Conv2d(10, kernel = 3, padding = same) GELU Flatten Dropout(0.3) Linear(150) Tanh`,
  32,
);

function prepare(text: string) {
  const { specification, programs } = compile({ path: 'small.nn', text, library: false });
  return { specification, programs: [...programs].map(([name, { kernels }]) => ({ ...kernels, name })) };
}

const random = numbersFrom(11);
const draw = (batch: number) => ({
  image: Float32Array.from({ length: batch * 3 * 144 }, () => 2 * random() - 1),
  digit: Float32Array.from({ length: batch }, () => Math.floor(4 * random())),
});

describeNative('the native device', () => {
  const folder = temporaryFolder();
  const { specification, programs } = prepare(usual);
  const batches = Array.from({ length: 4 }, () => draw(32));
  let built: Promise<NativeText & { readonly library: string }> | undefined;
  const library = () => (built ??= buildNative(programs, folder));

  async function makeModel(threads: number): Promise<Model> {
    const { library: path, layout } = await library();
    return createModel(specification, () => createNativeExecutable(path, layout, { threads }), {});
  }

  async function trained(model: Model): Promise<{ readonly losses: number[]; readonly state: Uint8Array }> {
    const losses: number[] = [];
    for (let i = 0; i < 12; i++) losses.push((await model.step(batches[i % batches.length] ?? {})).loss);
    const state = await model.save();
    await model.destroy();
    return { losses, state };
  }

  test('gives the same bits on any number of threads', async () => {
    const one = await trained(await makeModel(1));
    expect(one.losses.at(-1)).toBeLessThan(one.losses[0] ?? 0);
    for (const threads of [2, 3, 5]) {
      const many = await trained(await makeModel(threads));
      expect(many.losses).toEqual(one.losses);
      expect(Buffer.compare(many.state, one.state)).toBe(0);
    }
  });

  test('keeps models of one library apart', async () => {
    const [one, other] = [await makeModel(2), await makeModel(1)];
    const first = await one.step(batches[0] ?? {});
    await one.step(batches[1] ?? {});
    expect((await other.step(batches[0] ?? {})).loss).toBe(first.loss);
    await one.destroy();
    await other.destroy();
  });

  test('leaves this thread free while a step takes long', async () => {
    const long = prepare(modelOf('Flatten Linear(2000) ReLU Linear(2000) ReLU', 256));
    const { library: path, layout } = await buildNative(long.programs, folder);
    const model = await createModel(
      long.specification,
      () => createNativeExecutable(path, layout, { threads: 1 }),
      {},
    );
    const batch = draw(256);
    await model.step(batch);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    for (let i = 0; i < 10; i++) await model.step(batch);
    clearInterval(timer);
    await model.destroy();
    expect(turns).toBeGreaterThan(10);
  });

  test('says how it runs', async () => {
    const model = await makeModel(2);
    expect(model.mode).toMatch(/^native \S.*, 2 threads$/);
    await model.destroy();
  });

  test('refuses what does not fit', async () => {
    const { library: path, layout } = await library();
    const executable = await createNativeExecutable(path, layout, { threads: 1 });
    await expect(executable.run('step', {})).rejects.toThrow('`image` must be');
    await expect(executable.run('gradient', {})).rejects.toThrow('without its program `gradient`');
    await expect(executable.read('nowhere')).rejects.toThrow('nowhere');
    await expect(executable.write('linear_1.b', new Float32Array(3))).rejects.toThrow(RangeError);
    await executable.destroy();
    await expect(executable.read('linear_1.b')).rejects.toThrow('destroyed');
    for (const threads of [0, 65, 1.5])
      await expect(createNativeExecutable(path, layout, { threads })).rejects.toThrow('threads');
  });

  test('says what is wrong with a library', async () => {
    const { layout } = await library();
    const path = join(folder, 'text.so');
    await writeFile(path, 'no library');
    await expect(createNativeExecutable(path, layout)).rejects.toThrow('cannot be loaded');
  });

  test('does not grow', async () => {
    const model = await makeModel(2);
    const collect = (globalThis as { gc?: () => void }).gc;
    const measure = () => {
      collect?.();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    for (let i = 0; i < 50; i++) await model.step(batches[0] ?? {});
    const before = measure();
    for (let i = 0; i < 1000; i++) await model.step(batches[0] ?? {});
    // A leak of one small object a step would be some 100 kB; without the collector at hand, garbage may lie about.
    expect(measure() - before).toBeLessThan(collect ? 100_000 : 20_000_000);
    await model.destroy();
  });
});
