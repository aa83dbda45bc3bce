import { describe, expect, it } from 'vitest';
import { createModel } from '../../src/runtime/create-model.ts';
import {
  ModelFileError,
  ModelInputError,
  ModelStateError,
  SafetensorsError,
} from '../../src/runtime/errors.ts';
import { initialize } from '../../src/runtime/initialize.ts';
import type { ModelArrays } from '../../src/runtime/model.ts';
import { randomKey } from '../../src/runtime/random.ts';
import { readSafetensors } from '../../src/runtime/safetensors.ts';
import type { ModelSpecification } from '../../src/runtime/specification.ts';
import { batch, examples, linear, LinearExecutable, openLinear as open } from './linear-model.ts';

describe('a new model', () => {
  it('starts every stored tensor from its initializer, the seed and its path', async () => {
    const { model, executable } = await open({ seed: 9 });
    for (const tensor of linear.stored)
      expect(executable.stored.get(tensor.path)).toEqual(initialize(tensor, 9));
    expect(model.seed).toBe(9);
    expect((await open()).model.seed).toBe(linear.train.seed);
  });

  it('hands its options to the target, and frees the target when it cannot start', async () => {
    const given: object[] = [];
    const executable = new LinearExecutable();
    const link = async (options: { readonly mode: string }) => {
      given.push(options);
      return executable;
    };
    await createModel(linear, link, { mode: 'cpu', seed: 1 });
    expect(given).toEqual([{ mode: 'cpu', seed: 1 }]);
    await expect(createModel(linear, link, { mode: 'cpu', seed: -1 })).rejects.toThrow(ModelInputError);
    expect(executable.destroyed).toBe(1);
  });

  it('can be ended while wide orthogonal weights are drawn, and says which they are', async () => {
    const wide: ModelSpecification = {
      ...linear,
      stored: [
        { path: 'wide.W', shape: [900, 900], storage: 'parameter', initial: { kind: 'orthogonal', gain: 1 } },
      ],
    };
    const executable = new LinearExecutable();
    const stop = new AbortController();
    const told: unknown[] = [];
    const starting = (...words: readonly unknown[]) => {
      told.push(words);
      // as a signal of the system would, from the event loop
      setImmediate(() => stop.abort());
    };
    const model = createModel(wide, async () => executable, { signal: stop.signal, starting });
    await expect(model).rejects.toMatchObject({ name: 'AbortError' });
    expect(told).toEqual([['wide.W', 0, 1]]);
    expect([executable.stored.size, executable.destroyed]).toEqual([0, 1]);
  });

  it('refuses a port that has the name of an input of its own', async () => {
    const clash = { ...linear, inputs: [{ name: 'step', shape: [], kind: 'real' as const }] };
    await expect(open({}, clash)).rejects.toThrow(/`step` must be another name/);
  });
});

describe('a step', () => {
  it('counts from 1 and is given the schedule’s length and the step’s random key', async () => {
    const { model, executable } = await open({ seed: 3, totalSteps: 20 });
    await model.step(examples(batch));
    model.totalSteps = 30;
    await model.step(examples(batch));
    expect(model.stepsTaken).toBe(2);
    expect(
      executable.calls.map(({ inputs }) => [...(inputs['step'] ?? []), ...(inputs['steps'] ?? [])]),
    ).toEqual([
      [1, 20],
      [2, 30],
    ]);
    expect(executable.calls.map(({ inputs }) => inputs['random_key'])).toEqual([
      randomKey(3, 1),
      randomKey(3, 2),
    ]);
  });

  it('gives loss and metrics, also under a name that objects have by birth', async () => {
    const { model } = await open();
    const first = await model.step(examples(batch));
    for (let i = 0; i < 50; i++) await model.step(examples(batch));
    const last = await model.step(examples(batch));
    expect(last.loss).toBeLessThan(first.loss / 2);
    expect(Object.keys(last.metrics)).toEqual(['error', '__proto__']);
    expect(last.metrics['error']).toBeTypeOf('number');
    expect(last.metrics['__proto__']).toMatchObject({ shape: [2] });
    expect(last.metrics['constructor']).toBeUndefined();
  });

  it('does not count a call that failed', async () => {
    const { model } = await open();
    await expect(model.step(examples(batch - 1))).rejects.toThrow(ModelInputError);
    expect(model.stepsTaken).toBe(0);
  });

  it('takes calls one at a time, in order', async () => {
    const { model, executable } = await open();
    const both = [
      model.step(examples(batch)),
      model.forward({ x: [1, 2], kind: [0] }),
      model.step(examples(batch)),
    ];
    await Promise.all(both);
    expect(executable.calls.map(({ program }) => program)).toEqual(['step', 'forward', 'step']);
    expect(model.stepsTaken).toBe(2);
  });
});

describe('evaluation', () => {
  it.each([1, 3, 4, 5, 8, 11])('counts each of %i examples exactly once', async (count) => {
    const { model, executable } = await open();
    const given = examples(count);
    const result = await model.evaluate(given);
    const single = await Promise.all(
      Array.from({ length: count }, (_, i) =>
        model.evaluate({
          x: given.x.slice(2 * i, 2 * i + 2),
          kind: [given.kind[i] ?? 0],
          y: [given.y[i] ?? 0],
        }),
      ),
    );
    expect(result.count).toBe(count);
    expect([...result.losses]).toEqual(single.map((one) => one.losses[0]));
    expect(result.loss).toBeCloseTo(single.reduce((sum, one) => sum + one.loss, 0) / count, 6);
    expect(result.metrics['error']).toBeCloseTo(
      single.reduce((sum, one) => sum + Number(one.metrics['error']), 0) / count,
      6,
    );
    expect(result.outputs['prediction']?.shape).toEqual([count]);
    expect([...(result.outputs['prediction']?.data ?? [])]).toEqual(
      single.map((one) => one.outputs['prediction']?.data[0]),
    );
    for (const { inputs } of executable.calls) expect(inputs['x']).toHaveLength(2 * batch);
    expect(model.stepsTaken).toBe(0);
  });

  it('fills the last batch with examples that are valid', async () => {
    const { model, executable } = await open();
    await model.forward({ x: [1, 2, 3, 4], kind: [1, 2] });
    expect([...(executable.calls[0]?.inputs['x'] ?? [])]).toEqual([1, 2, 3, 4, 3, 4, 3, 4]);
    expect([...(executable.calls[0]?.inputs['kind'] ?? [])]).toEqual([1, 2, 2, 2]);
  });

  it('needs no targets for forward', async () => {
    const { model } = await open();
    await model.write('w', [2, 3]);
    await model.write('b', [1]);
    const outputs = await model.forward({
      x: Float32Array.of(1, 1, 0, 1, 1, 0, 0, 0, 2, 2),
      kind: [0, 0, 0, 0, 0],
    });
    expect([...(outputs['prediction']?.data ?? [])]).toEqual([6, 4, 3, 1, 11]);
  });
});

describe('the gradient', () => {
  it('is of exactly one batch and changes nothing', async () => {
    const { model } = await open();
    const before = await model.save();
    const gradient = await model.gradient(examples(batch));
    expect([...gradient.parameters.keys()]).toEqual(['w', 'b']);
    expect([...gradient.inputs.keys()]).toEqual(['x']);
    expect(gradient.inputs.get('x')?.shape).toEqual([batch, 2]);
    expect(gradient.loss).toBeGreaterThan(0);
    expect(await model.save()).toEqual(before);
    await expect(model.gradient(examples(batch + 1))).rejects.toThrow(
      '`x` must be 8 numbers (4 examples, shape [2] an example), but was given 10 numbers',
    );
  });

  it('says when it was not compiled', async () => {
    const { model } = await open({}, { ...linear, programs: ['forward'] });
    await expect(model.gradient(examples(batch))).rejects.toThrow(ModelStateError);
    await expect(model.step(examples(batch))).rejects.toThrow(
      /without its program `step` \(it has forward\)/,
    );
  });
});

describe('what a model refuses', () => {
  const good = examples(batch);
  const cases: [string, object, string][] = [
    [
      'a missing array',
      { x: good.x, kind: good.kind },
      '`y` must be a Float32Array of one number an example, but was given nothing',
    ],
    [
      'an unknown array',
      { ...good, z: [1] },
      '`z` must be one of x, kind, y, but was given a name the model does not have',
    ],
    [
      'an inherited array',
      Object.create(good) as object,
      '`x` must be a Float32Array of shape [2] an example, but was given nothing',
    ],
    [
      'a wrong length',
      { ...good, y: [1] },
      '`y` must be 4 numbers (4 examples, one number an example), but was given 1 numbers',
    ],
    [
      'a label past the last',
      { ...good, kind: [0, 1, 2, 3] },
      '`kind` must be whole numbers from 0 to 2, but was given 3 at position 3',
    ],
    [
      'a negative label',
      { ...good, kind: [0, -1, 2, 1] },
      '`kind` must be whole numbers from 0 to 2, but was given -1 at position 1',
    ],
    [
      'a broken label',
      { ...good, kind: [0.5, 1, 2, 1] },
      '`kind` must be whole numbers from 0 to 2, but was given 0.5 at position 0',
    ],
    [
      'a label that is no number',
      { ...good, kind: [0, NaN, 2, 1] },
      '`kind` must be whole numbers from 0 to 2, but was given NaN at position 1',
    ],
    [
      'nested lists',
      { ...good, x: [[1, 2]] },
      '`x` must be a flat list of numbers, but was given an Array at position 0',
    ],
    [
      'another kind of array',
      { ...good, x: new Float64Array(8) },
      '`x` must be a Float32Array or a list of numbers, but was given a Float64Array',
    ],
    [
      'a text',
      { ...good, x: 'ones' },
      '`x` must be a Float32Array or a list of numbers, but was given a string',
    ],
  ];
  it.each(cases)('%s', async (_, given, message) => {
    const { model } = await open();
    const error: unknown = await model.step(given as ModelArrays).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ModelInputError);
    expect((error as Error).message).toBe(message);
  });

  it('no examples at all, or a part of one', async () => {
    const { model } = await open();
    await expect(model.forward({ x: [], kind: [] })).rejects.toThrow(
      'a multiple of 2 numbers (shape [2] an example)',
    );
    await expect(model.forward({ x: [1, 2, 3], kind: [0] })).rejects.toThrow(ModelInputError);
    await expect(model.forward({ x: [1, 2], kind: [0, 1] })).rejects.toThrow(/`kind` must be 1 numbers/);
  });

  it('paths and lengths of tensors that it does not have', async () => {
    const { model } = await open();
    await expect(model.read('v')).rejects.toThrow(ModelInputError);
    await expect(model.write('w', [1])).rejects.toThrow(
      '`w` must be 2 numbers (shape [2]), but was given 1 numbers',
    );
    expect(() => (model.totalSteps = 0)).toThrow(ModelInputError);
    expect(() => (model.totalSteps = 2 ** 24 + 1)).toThrow(ModelInputError);
  });

  it('every call after it was destroyed', async () => {
    const { model, executable } = await open();
    await model.destroy();
    await model.destroy();
    expect(executable.destroyed).toBe(1);
    await expect(model.parameters()).rejects.toThrow(ModelStateError);
    await expect(model.save()).rejects.toThrow('the model Linear was destroyed');
  });
});

describe('saving', () => {
  it('takes up where it left off', async () => {
    const first = await open({ seed: 4, totalSteps: 9 });
    for (let i = 0; i < 3; i++) await first.model.step(examples(batch));
    const file = await first.model.save(new Map([['note', 'ü "quoted"']]));
    expect(readSafetensors(file).metadata.get('note')).toBe('ü "quoted"');
    expect([...readSafetensors(file).tensors.keys()]).toEqual(['w', 'b', 'w#count']);

    const second = await open({ seed: 1 });
    await second.model.load(file);
    expect([second.model.stepsTaken, second.model.seed, second.model.totalSteps]).toEqual([3, 4, 9]);
    await first.model.step(examples(batch));
    await second.model.step(examples(batch));
    expect(await second.model.save()).toEqual(await first.model.save());
    expect(second.executable.calls[0]?.inputs['random_key']).toEqual(randomKey(4, 4));
  });

  it('resets to a new beginning', async () => {
    const { model } = await open({ seed: 4 });
    const fresh = await model.save();
    await model.step(examples(batch));
    await model.reset();
    expect(await model.save()).toEqual(fresh);
    await model.reset(5);
    expect(await model.save()).toEqual(await (await open({ seed: 5 })).model.save());
  });

  it.each<[string, ModelSpecification, string]>([
    [
      'another shape',
      { ...linear, stored: changed(0, { shape: [3] }) },
      '`w` is [2] in the model and [3] in the file',
    ],
    [
      'another path',
      { ...linear, stored: changed(1, { path: 'c' }) },
      '`b` is [] in the model and absent from the file',
    ],
    [
      'one tensor more',
      { ...linear, stored: [...linear.stored, { ...linearTensor(0), path: 'v', shape: [7] }] },
      '`v` is [7] in the file and absent from the model',
    ],
    [
      'other inputs',
      { ...linear, fingerprint: 'beef' },
      'its inputs or outputs differ (fingerprint f00d, in the file beef)',
    ],
  ])('refuses a file of a model with %s and stays as it was', async (_, other, message) => {
    const file = await (await open({ seed: 1 }, other)).model.save();
    const { model } = await open({ seed: 2 });
    const before = await model.save();
    const error: unknown = await model.load(file).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ModelFileError);
    expect((error as Error).message).toBe(`the file is of another model than Linear: ${message}`);
    expect(await model.save()).toEqual(before);
  });

  it('refuses bytes that are no file', async () => {
    const { model } = await open();
    await expect(model.load(new Uint8Array(100))).rejects.toThrow(SafetensorsError);
  });
});

function linearTensor(index: number) {
  const tensor = linear.stored[index];
  if (!tensor) throw new Error(`no tensor ${index}`);
  return tensor;
}

function changed(index: number, change: object): ModelSpecification['stored'] {
  return linear.stored.map((tensor, i) => (i === index ? { ...tensor, ...change } : tensor));
}
