// Every example model, on every target that runs within a test, against the interpreter in float64: the losses of two training steps,
// every stored tensor after them (parameters, buffers, the optimizer's states), and then an evaluation's losses and outputs. And
// what it is all for: trained on one batch, the model's loss falls.
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNative } from '../../src/targets/native/print.ts';
import { printGpujsModule } from '../../src/codegen/gpujs/module.ts';
import { buildWasm } from '../../src/targets/wasm/print.ts';
import { compile } from '../../src/compile.ts';
import { createModel } from '../../src/runtime/create-model.ts';
import type { Executable } from '../../src/runtime/executable.ts';
import type { Model } from '../../src/runtime/model.ts';
import { createNativeExecutable } from '../../src/runtime/native/native-executable.ts';
import type { ModelSpecification } from '../../src/runtime/specification.ts';
import { relaxedSimd } from '../../src/runtime/wasm/features.ts';
import { createWasmExecutable } from '../../src/runtime/wasm/wasm-executable.ts';
import { lacksCompiler, nativeTitle, temporaryFolder } from './c/run-native.ts';
import { load } from './modules.ts';
import { batchesFor, interpretProgram, interpretTraining } from './training.ts';
import { close, differences } from './wasm/run-wasm.ts';

const names = readdirSync('models')
  .filter((file) => file.endsWith('.nn'))
  .map((file) => file.slice(0, -'.nn'.length));

/** These have so much to compute that the interpreter is given a single example; the others have two. */
const large = new Set(['cifar10-cnn', 'fashion-cnn']);

type Values = ReadonlyMap<string, ArrayLike<number>>;

/** A model with the batches it is run on, and what must come out. */
function prepare(name: string) {
  const path = `models/${name}.nn`;
  const source = { path, text: readFileSync(path, 'utf8'), library: false };
  const options = { batch: large.has(name) ? 1 : 2 };
  const compilation = compile(source, options);
  const { specification, programs } = compilation;
  const batches = batchesFor(specification, 2);
  const { losses, stored, evaluation } = interpretTraining(compilation, batches);
  return {
    specification,
    programs: [...programs].map(([program, { kernels }]) => ({ ...kernels, name: program })),
    gpujs: () => load(printGpujsModule(compile(source, { ...options, target: 'gpujs' }))),
    batches,
    losses,
    stored,
    evaluation: evaluationOf(specification, evaluation),
    evaluationFrom: (state: Values) => {
      const call = { batch: batches[0] ?? {}, step: batches.length + 1, stored: state };
      return evaluationOf(specification, interpretProgram(compilation, 'evaluate', call).outputs);
    },
    /** As far as Adam's rule can move an element in these steps. */
    reach: batches.length * (compilation.learningRate?.rate ?? 0),
  };
}

type Example = ReturnType<typeof prepare>;

const evaluationOf = ({ outputs }: ModelSpecification, found: Values): Values =>
  new Map([
    ['losses', found.get('loss') ?? []],
    ...outputs.map(({ name }) => [name, found.get(`output.${name}`) ?? []] as const),
  ]);

/** Runs a new model through the example's batches; gives all that is compared. */
async function run(model: Model, { specification, batches }: Example) {
  const losses: number[] = [];
  for (const batch of batches) losses.push((await model.step(batch)).loss);
  const stored = new Map<string, Float32Array>();
  for (const { path } of specification.stored) stored.set(path, (await model.read(path)).data);
  const { losses: each, outputs } = await model.evaluate(batches[0] ?? {});
  const evaluation = new Map([['losses', each]]);
  for (const [name, { data }] of Object.entries(outputs)) evaluation.set(name, data);
  return { losses: Float32Array.from(losses), stored, evaluation };
}

/** What differs from the interpreter's. */
function compare(found: Awaited<ReturnType<typeof run>>, example: Example): readonly string[] {
  const allowed = allowNoise(found.stored, example);
  // Training subtracts such a bias with the batch's mean; evaluation subtracts the running mean, which lags behind the bias: what is
  // right then depends on the noise, and is computed from the state that the target has reached.
  const isNoisy = [...allowed].some(([path, values]) =>
    Array.from(values).some((value, i) => value !== example.stored.get(path)?.[i]),
  );
  return [
    ...differences(new Map([['losses', found.losses]]), new Map([['losses', example.losses]])),
    ...differences(found.stored, allowed),
    ...differences(found.evaluation, isNoisy ? example.evaluationFrom(found.stored) : example.evaluation),
  ];
}

/**
 * Adam divides a gradient by its own size. Where that is zero but for rounding (a bias before batch normalization, a key's bias in
 * attention) its steps are noise, which each target has its own of: of such an element only how far it is moved is known.
 */
function allowNoise(found: ReadonlyMap<string, Float32Array>, { stored, reach }: Example): Values {
  const squares = (path: string) => (stored.has(`${path}#m`) ? stored.get(`${path}#v`) : undefined);
  let largest = 0;
  for (const path of stored.keys())
    for (const square of Array.from(squares(path) ?? [])) largest = Math.max(largest, square);
  const noise = 1e-14 * largest;
  return new Map(
    [...stored].map(([path, values]) => {
      const [own, sizes] = [found.get(path), squares(path)];
      const isNoise = (value: number, i: number) =>
        (sizes?.[i] ?? Infinity) <= noise && close(own?.[i] ?? NaN, value, 0, reach);
      return [path, Array.from(values, (value, i) => (isNoise(value, i) ? (own?.[i] ?? NaN) : value))];
    }),
  );
}

/** The mean losses of the first five and of the last five of 20 steps on one and the same batch, from new parameters. */
async function train(model: Model, batch: Example['batches'][number] = {}) {
  await model.reset();
  model.totalSteps = 20;
  const losses: number[] = [];
  while (losses.length < model.totalSteps) losses.push((await model.step(batch)).loss);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value / values.length, 0);
  return { first: mean(losses.slice(0, 5)), last: mean(losses.slice(-5)) };
}

/** On each of these numbers of threads: the interpreter's results, the same bytes each time, and a loss that falls. */
async function expectThreads(
  example: Example,
  counts: readonly number[],
  open: (threads: number) => Promise<Executable>,
): Promise<void> {
  const results = [];
  for (const threads of counts) {
    const model = await createModel(example.specification, () => open(threads), {});
    try {
      expect(model.mode).toContain(`${threads} thread`);
      const result = await run(model, example);
      expect(compare(result, example), model.mode).toEqual([]);
      const { first, last } = await train(model, example.batches[0]);
      expect(last, model.mode).toBeLessThan(first);
      results.push(result);
    } finally {
      await model.destroy();
    }
  }
  for (const result of results.slice(1)) expect(result).toEqual(results[0]);
}

const folder = temporaryFolder();

describe.each(names)('models/%s.nn', (name) => {
  let example: Example;
  beforeAll(() => {
    example = prepare(name);
  }, 300_000);

  it('on wasm', async () => {
    const { bytes, layout } = await buildWasm(example.programs, { fused: await relaxedSimd() });
    const open = (threads: number) => createWasmExecutable(bytes, layout, { threads });
    await expectThreads(example, [1, 2], open);
  });

  it.skipIf(lacksCompiler)(
    `on ${nativeTitle}`,
    async () => {
      const { library, layout } = await buildNative(example.programs, folder);
      const open = (threads: number) => createNativeExecutable(library, layout, { threads });
      await expectThreads(example, [1, 3], open);
    },
    120_000,
  );

  it('on gpu.js', async () => {
    const { create } = await example.gpujs();
    for (const mode of ['cpu', 'webasm'] as const) {
      const model = await create({ mode });
      try {
        expect(compare(await run(model, example), example), mode).toEqual([]);
      } finally {
        await model.destroy();
      }
    }
  });
});
