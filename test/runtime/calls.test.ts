// Calls of a model as its user makes them: several at once, arrays used again, mistakes that nobody awaits.
import { describe, expect, it } from 'vitest';
import { ModelInputError, ModelStateError } from '../../src/runtime/errors.ts';
import type { Model } from '../../src/runtime/model.ts';
import { readSafetensors } from '../../src/runtime/safetensors.ts';
import type { ModelSpecification } from '../../src/runtime/specification.ts';
import { batch, examples, linear, openLinear as open } from './linear-model.ts';

describe('what a call is given', () => {
  it('is the caller’s again when the call has returned, wait as it may', async () => {
    const { model, executable } = await open();
    const [given, same] = [examples(batch), examples(batch)];
    const calls = [0, 1, 2].map(() => {
      const arrays = {
        x: Float32Array.from(given.x),
        kind: Float32Array.from(given.kind),
        y: Float32Array.from(given.y),
      };
      const call = model.step(arrays);
      if (executable.calls.length < 3) for (const array of Object.values(arrays)) array.fill(NaN);
      return call;
    });
    await Promise.all(calls);
    for (const { inputs } of executable.calls.slice(1))
      expect([...(inputs['x'] ?? [])]).toEqual([...Float32Array.from(same.x)]);
  });

  it('is, with more examples than a batch', async () => {
    const { model } = await open();
    const given = examples(3 * batch);
    const arrays = {
      x: Float32Array.from(given.x),
      kind: Float32Array.from(given.kind),
      y: Float32Array.from(given.y),
    };
    const expected = await model.evaluate(given);
    const call = model.evaluate(arrays);
    for (const array of [arrays.x.subarray(2 * batch), arrays.y.subarray(batch)]) array.fill(NaN);
    expect((await call).losses).toEqual(expected.losses);
  });
});

describe('what a call of several programs is given', () => {
  // r2 needs the program, the row is a mean already
  const overall: ModelSpecification = {
    ...linear,
    metrics: [
      { name: 'row', shape: [2] },
      { name: 'r2', shape: [], statistics: [{ name: 'square', shape: [] }] },
    ],
    programs: ['forward', 'evaluate', 'step', 'gradient', 'metrics'],
  };

  it('is the caller’s again after `metrics`', async () => {
    const { model, executable } = await open({}, overall);
    executable.run = async () => ({ 'metric.r2': Float32Array.of(0.5) });
    const row = { shape: [2], data: Float32Array.of(1, 2) };
    const call = model.metrics({ row, 'r2.square': 4 }, 2);
    row.data.fill(NaN);
    expect((await call)['row']).toEqual({ shape: [2], data: Float32Array.of(1, 2) });
  });

  it('is after `save`', async () => {
    const { model } = await open();
    const metadata = new Map([['a', 'b']]);
    const [alone, behind] = [model.save(metadata), model.save(metadata)];
    metadata.set('a', 'c');
    for (const saved of [alone, behind]) expect(readSafetensors(await saved).metadata.get('a')).toBe('b');
  });
});

describe('what is no argument', () => {
  const wrong: readonly (readonly [string, (model: Model) => Promise<unknown>, string])[] = [
    ['step', (model) => model.step(undefined as never), '`arrays` must be an object with x, kind, y'],
    ['gradient', (model) => model.gradient(null as never), 'but was given null'],
    ['forward', (model) => model.forward(3 as never), '`arrays` must be an object with x, kind, but'],
    ['evaluate', (model) => model.evaluate({ x: 'abc' } as never), 'but was given a string'],
    ['write', (model) => model.write('w', undefined as never), '`w` must be a Float32Array or a list'],
    ['write text', (model) => model.write('w', ['1', 2] as never), 'a string at position 0'],
    ['load', (model) => model.load(undefined as never), 'but was given nothing'],
    ['load {}', (model) => model.load({} as never), '`state` must be what `save` or `snapshot` gave'],
    ['metrics', (model) => model.metrics(null as never, 1), '`statistics` must be an object'],
    ['a metric', (model) => model.metrics({ error: null } as never, 1), '`error` must be 1 numbers'],
  ];

  it.each(wrong)('%s rejects, alone and behind another call', async (_, call, message) => {
    const { model } = await open();
    const alone = call(model);
    await expect(alone).rejects.toThrow(message);
    await expect(alone).rejects.toBeInstanceOf(ModelInputError);
    const before = model.step(examples(batch));
    const behind = call(model);
    await expect(behind).rejects.toThrow(message);
    await before;
  });
});

describe('a call that fails', () => {
  it('is reported as unhandled where nobody awaits it', async () => {
    const { model } = await open();
    const reasons: unknown[] = [];
    const listeners = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', (reason) => reasons.push(reason));
    try {
      void model.step(examples(batch - 1));
      await model.forward({ x: [1, 2], kind: [0] });
      await new Promise((done) => setImmediate(done));
    } finally {
      process.removeAllListeners('unhandledRejection');
      for (const listener of listeners) process.on('unhandledRejection', listener);
    }
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toBeInstanceOf(ModelInputError);
  });

  it('does not fail those behind it', async () => {
    const { model } = await open();
    const [first, second] = [model.step(examples(batch - 1)), model.step(examples(batch))];
    await expect(first).rejects.toThrow(ModelInputError);
    expect((await second).loss).toBeGreaterThanOrEqual(0);
  });
});

describe('the end of a model', () => {
  it('comes with the block that it was declared for, behind the calls that were made', async () => {
    const { model, executable } = await open();
    const last = model.step(examples(batch));
    // what `await using` calls at the end of a block
    await model[Symbol.asyncDispose]();
    expect((await last).loss).toBeGreaterThanOrEqual(0);
    expect(executable.destroyed).toBe(1);
    await expect(model.forward({ x: [1, 2], kind: [0] })).rejects.toThrow(ModelStateError);
    await model[Symbol.asyncDispose]();
    expect(executable.destroyed).toBe(1);
  });
});

describe('a loop of awaited calls', () => {
  /** Whether a timer fires while the calls are made; a loop that lets none fire is given up after ten seconds. */
  async function timerFires(call: () => Promise<unknown>): Promise<boolean> {
    const until = performance.now() + 10_000;
    let fired = false as boolean;
    setTimeout(() => (fired = true), 0);
    while (!fired && performance.now() < until) await call();
    return fired;
  }

  it('lets timers run', async () => {
    const { model } = await open();
    expect(await timerFires(() => model.step(examples(batch)))).toBe(true);
    expect(model.stepsTaken).toBeGreaterThan(0);
    await model.destroy();
  });

  it('does, where every call fails', async () => {
    const { model } = await open();
    const refused = () => expect(model.step({})).rejects.toThrow(ModelInputError);
    expect(await timerFires(refused)).toBe(true);
    await model.destroy();
    const late = () => expect(model.step(examples(batch))).rejects.toThrow(ModelStateError);
    expect(await timerFires(late)).toBe(true);
  });
});
