// The preparation that a state brings into a model: what `load`, `save`, `prepare`, `predict` and `forward` make of it.
import { describe, expect, it } from 'vitest';
import { ExampleError } from '../../../src/runtime/preparation/example-error.ts';
import { ModelFileError, ModelInputError, ModelStateError } from '../../../src/runtime/errors.ts';
import type { ModelSpecification } from '../../../src/runtime/specification.ts';
import { linear, openLinear } from '../linear-model.ts';

const specification: ModelSpecification = { ...linear, inputs: linear.inputs.slice(0, 1) };
const record = {
  format: 1,
  source: 'csv',
  inputs: [
    {
      kind: 'table',
      name: 'x',
      columns: [
        { kind: 'number', name: 'a', missing: 3 },
        { kind: 'number', name: 'b' },
      ],
      others: ['y'],
      normalization: { mean: [1, 2], deviation: [2, 4] },
    },
  ],
  targets: [{ name: 'y', kind: 'number', columns: ['y'] }],
  csv: { separator: ';', header: true },
};

/** A state with a record of preparation, as a trainer saves it. */
async function stateWith(preprocessing: unknown): Promise<Uint8Array> {
  const { model } = await openLinear({}, specification);
  await model.write('w', [1, 10]);
  await model.write('b', [0]);
  return model.save(new Map([['training', JSON.stringify({ epoch: 1, preprocessing })]]));
}

async function loaded(preprocessing: unknown = record) {
  const { model } = await openLinear({}, specification);
  await model.load(await stateWith(preprocessing));
  return model;
}

describe('a model with a record of preparation', () => {
  it('prepares rows, and gives numbers by their columns', async () => {
    const model = await loaded();
    const row = { a: 5, b: 6 };
    expect([...(model.prepare(row)['x'] ?? [])]).toEqual([2, 1]);
    const outputs = await model.forward(model.prepareAll([row, [null, 2]]));
    expect([...(outputs['prediction']?.data ?? [])]).toEqual([12, 1]);
    expect(model.present(outputs).map(({ values }) => values?.['y'])).toEqual([12, 1]);
    expect((await model.predict(row)).values).toEqual({ y: 12 });
    expect((await model.predictAll([row, row])).map(({ values }) => values?.['y'])).toEqual([12, 12]);
    await expect(model.predict({ a: 5, B: 6 })).rejects.toThrow(ExampleError);
    expect(() => model.prepare({ a: 5 })).toThrow('b: it is missing');
    expect(() => model.present({})).toThrow(ModelInputError);
  });

  it('refuses numbers that may be raw', async () => {
    const model = await loaded();
    await expect(model.forward({ x: [5, 6] })).rejects.toThrow(
      '`x` must be what `prepare` returned, or be marked with `{ prepared: true }`, but was given numbers that may be raw',
    );
    expect((await model.forward({ x: [2, 1] }, { prepared: true }))['prediction']?.data[0]).toBe(12);
    const prepared = model.prepare({ a: 5, b: 6 });
    // queued calls compute with copies
    const both = await Promise.all([model.forward(prepared), model.forward(prepared)]);
    expect(both.map((found) => found['prediction']?.data[0])).toEqual([12, 12]);
    // before the record is there, nothing is known; a call behind `load` knows it
    const { model: fresh } = await openLinear({}, specification);
    await fresh.forward({ x: [5, 6] });
    const loading = fresh.load(await stateWith(record));
    await expect(fresh.forward({ x: [5, 6] })).rejects.toThrow(ModelInputError);
    await loading;
  });

  it('takes numbers as they are where the record changes none', async () => {
    const plain = { ...record, inputs: [{ kind: 'array', name: 'x', shape: [2] }] };
    const model = await loaded(plain);
    await model.forward({ x: [5, 6] });
    expect([...(model.prepare([5, 6])['x'] ?? [])]).toEqual([5, 6]);
  });

  it('saves it once, with what it does not read, and forgets it when it starts anew', async () => {
    const model = await loaded();
    const { model: second } = await openLinear({}, specification);
    await second.load(await model.save());
    expect(second.preparation).toEqual(model.preparation);
    const { metadata } = await second.snapshot();
    expect(JSON.parse(metadata.get('preparation') ?? '')).toEqual(record);
    const { model: third } = await openLinear({}, specification);
    const newer = { ...record, targets: [] };
    await third.load(await model.save(new Map([['training', JSON.stringify({ preprocessing: newer })]])));
    expect(third.preparation?.targets).toEqual([]);
    await model.reset();
    expect(model.preparation).toBeUndefined();
    expect(() => model.prepare({ a: 5, b: 6 })).toThrow(ModelStateError);
  });

  it('refuses a record that is none, or is of another model', async () => {
    for (const wrong of [1, {}, { ...record, inputs: [{ ...record.inputs[0], columns: [] }] }])
      await expect(loaded(wrong), JSON.stringify(wrong)).rejects.toThrow(ModelFileError);
    await expect(loaded({ ...record, inputs: [{ kind: 'array', name: 'x', shape: [3] }] })).rejects.toThrow(
      'another input `x`',
    );
    expect((await loaded(null)).preparation).toBeUndefined();
  });
});
