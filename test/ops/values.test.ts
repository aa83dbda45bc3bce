// Every primitive on every sample of its own, through lowering and the interpreter, against a reference of its definition.
import { describe, expect, test } from 'vitest';
import { operationOf } from '../../src/ops/table.ts';
import { references, type References } from './references.ts';
import { cases, named, operationNames, prepare, sampleGraph } from './samples.ts';
import { drawInputs, numbersFrom, type Tensor } from './tensors.ts';

type Reference = (inputs: readonly Tensor[], attributes: unknown, shape: readonly number[]) => Tensor;

test('every primitive but the leaves has samples', () => {
  const bare = operationNames.filter((name) => operationOf(name).samples.length === 0);
  expect(bare).toEqual(['input', 'stored']);
});

describe('value', () => {
  test.each(cases)('$title', (each) => {
    const { builder, result } = sampleGraph(each);
    builder.output('y', result);
    const inputs = drawInputs(each.sample, numbersFrom(11));
    const reference = references[each.name as keyof References] as Reference;
    const expected = reference(inputs, each.sample.attributes, result.shape);
    expect(result.shape).toEqual(expected.shape);
    const computed = [...(prepare(builder.finish())(named(inputs)).get('y') ?? [])];
    expect(computed).toHaveLength(expected.data.length);
    computed.forEach((value, i) => expect(value).toBeCloseTo(expected.data[i] ?? NaN, 11));
  });
});

describe('values out of the ordinary', () => {
  const run = (name: 'gather' | 'one_hot' | 'max' | 'argmax', inputs: readonly Tensor[], attributes = {}) => {
    const sample = { shapes: inputs.map(({ shape }) => shape), attributes };
    const { builder, result } = sampleGraph({ name, title: name, operation: operationOf(name), sample });
    builder.output('y', result);
    return [...(prepare(builder.finish())(named(inputs)).get('y') ?? [])];
  };

  test('gather reads the nearest row where an id is out of range', () => {
    const table = { shape: [3], data: [10, 11, 12] };
    expect(run('gather', [table, { shape: [4], data: [-1, 0, 2, 7] }])).toEqual([10, 10, 12, 12]);
  });

  test('one_hot of an id out of range is zero', () => {
    expect(run('one_hot', [{ shape: [2], data: [-1, 2] }], { size: 2 })).toEqual([0, 0, 0, 0]);
  });

  test('argmax gives the first of equal maxima, row-major over the axes in the order they are named', () => {
    const x = { shape: [2, 2], data: [1, 5, 5, 1] };
    expect(run('argmax', [x], { axes: [0, 1] })).toEqual([1]);
    expect(run('argmax', [x], { axes: [1, 0] })).toEqual([1]);
    expect(run('argmax', [{ shape: [2, 2], data: [1, 9, 5, 1] }], { axes: [1, 0] })).toEqual([2]);
  });

  test('max over padding alone is −Infinity', () => {
    expect(run('max', [{ shape: [2], data: [-Infinity, -Infinity] }], { axes: [0] })).toEqual([-Infinity]);
  });
});
