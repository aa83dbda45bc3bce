// Raw examples as people give them to a model: by name or not, rows, pictures, numbers; and what is told of those that do not fit.
import { describe, expect, it } from 'vitest';
import { ExampleError } from '../../../src/runtime/preparation/example-error.ts';
import type { ImageForm, Preparation, TableForm } from '../../../src/runtime/preparation/form.ts';
import {
  inputForms,
  prepareExample,
  prepareExamples,
  type Example,
  type PreparedInput,
} from '../../../src/runtime/preparation/prepare.ts';
import type { Port } from '../../../src/runtime/specification.ts';

const port = (name: string, ...shape: number[]): Port => ({ name, shape, kind: 'real' });

const table: TableForm = {
  kind: 'table',
  name: 'x',
  columns: [
    { kind: 'number', name: 'age', missing: 40 },
    { kind: 'category', name: 'town', vocabulary: ['Bonn', 'Rome'], encoding: 'one-hot' },
  ],
  others: ['price'],
  normalization: { mean: [30, 0, 0], deviation: [10, 1, 1] },
};
const image: ImageForm = {
  kind: 'image',
  name: 'x',
  shape: [1, 2],
  resize: false,
  normalization: { mean: [0.5], deviation: [0.25] },
};
const inputsOf = (form: TableForm | ImageForm): readonly PreparedInput[] => [
  { port: port('x', form.kind === 'image' ? 2 : 3), form },
];

function prepared(inputs: readonly PreparedInput[], example: unknown): unknown {
  try {
    const found = prepareExample(inputs, example as Example);
    return Object.fromEntries(Object.entries(found).map(([name, values]) => [name, [...values]]));
  } catch (error) {
    if (error instanceof ExampleError) return error.message;
    throw error;
  }
}

describe('a row', () => {
  const row = (example: unknown) => prepared(inputsOf(table), example);

  it('is an object by columns, a list in their order, or either by the name of the input', () => {
    const wanted = { x: [2, 0, 1] };
    expect(row({ age: 50, town: 'Rome' })).toEqual(wanted);
    expect(row({ town: ' Rome ', age: '5e1', price: null })).toEqual(wanted);
    expect(row([50, 'Rome'])).toEqual(wanted);
    expect(row({ x: { age: 50, town: 'Rome' } })).toEqual(wanted);
    expect(row({ x: [50, 'Rome'] })).toEqual(wanted);
  });

  it('has an empty cell filled where training had a rule for it, and no cell that is not there', () => {
    expect(row({ age: null, town: 'Rome' })).toEqual({ x: [1, 0, 1] });
    expect(row({ age: '', town: 'Rome' })).toEqual({ x: [1, 0, 1] });
    expect(row(['', 'Rome'])).toEqual({ x: [1, 0, 1] });
    expect(row({ age: 1, town: '' })).toBe('town: it is empty');
    expect(row({ town: 'Rome' })).toBe('age: it is missing');
    expect(row({ age: undefined, town: 'Rome' })).toBe('age: it is missing');
    expect(row({ aeg: 50, town: 'Rome' })).toBe('age: it is missing; is it what the row calls `aeg`?');
    expect(row({})).toBe('age: it is missing');
  });

  it('has no name that the training data did not have', () => {
    expect(row({ age: 50, town: 'Rome', prise: 2 })).toBe(
      'prise: the training data has no such column; did you mean `price`?',
    );
    expect(row({ age: 50, town: 'Rome', height: 2 })).toBe(
      'height: the training data has no such column; the model takes age, town',
    );
    const { kind, name, columns, normalization = { mean: [0], deviation: [1] } } = table;
    const old: TableForm = { kind, name, columns, normalization };
    expect(prepared(inputsOf(old), { age: 50, town: 'Rome', height: 2 })).toEqual({ x: [2, 0, 1] });
  });

  it('has numbers and texts as training had them', () => {
    for (const age of [NaN, Infinity, '0x10', 'ten', true, 1e39])
      expect(row({ age, town: 'Rome' }), String(age)).toMatch(
        /^age: it is ".*", which is no number float32 can hold$/,
      );
    expect(row({ age: 50, town: 'rome' })).toBe('town: it is "rome", which is none of Bonn, Rome');
  });

  it('may have a column that is called as the input is', () => {
    const same: TableForm = { kind: 'table', name: 'x', columns: [{ kind: 'number', name: 'x' }] };
    const one = [{ port: port('x', 1), form: same }];
    expect(prepared(one, { x: 5 })).toEqual({ x: [5] });
    expect(prepared(one, { x: [5] })).toEqual({ x: [5] });
    expect(prepared(one, { x: { x: 5 } })).toEqual({ x: [5] });
  });

  it('is dealt to several inputs', () => {
    const left: TableForm = {
      kind: 'table',
      name: 'l',
      columns: [{ kind: 'number', name: 'a' }],
      others: ['b'],
    };
    const right: TableForm = {
      kind: 'table',
      name: 'r',
      columns: [{ kind: 'number', name: 'b' }],
      others: ['a'],
    };
    const two = [
      { port: port('l', 1), form: left },
      { port: port('r', 1), form: right },
    ];
    expect(prepared(two, { a: 1, b: 2 })).toEqual({ l: [1], r: [2] });
    expect(prepared(two, { l: [1], r: { b: 2 } })).toEqual({ l: [1], r: [2] });
    expect(prepared(two, { l: [1] })).toBe('r: it is missing');
    expect(prepared(two, { a: 1, b: 2, c: 3 })).toContain('c: the training data has no such column');
  });
});

describe('numbers and pictures', () => {
  const of = (example: unknown) => prepared(inputsOf(image), example);

  it('are flat or nested, in lists or typed arrays', () => {
    const wanted = { x: [2, -2] };
    for (const example of [[255, 0], [[255], [0]], Uint8Array.of(255, 0), { x: [[255, 0]] }])
      expect(of(example)).toEqual(wanted);
    expect(of({ width: 2, height: 1, data: Uint8ClampedArray.of(255, 255, 255, 255, 0, 0, 0, 255) })).toEqual(
      wanted,
    );
  });

  it('are refused in another size, or where they are no pixels', () => {
    expect(of([255])).toBe('x: it has 1 elements, and [1, 2] takes 2');
    expect(of([256, 0])).toBe('x: 256 is no pixel; they go from 0 to 255');
    expect(of(['a', 0])).toBe('x: element 1 is "a", which is no number');
    expect(of([null, 0])).toBe('x: element 1 is null, which is no number');
    expect(of([() => 1, 0])).toBe('x: a value is of type function, and is neither a number nor a text');
    expect(of({ width: 2, height: 2, data: new Uint8Array(4) })).toContain('it is a picture of 2 × 2');
    expect(of({ width: 2, height: 1, data: new Uint8Array(5) })).toBe('x: 5 samples are no picture of 2 × 1');
    expect(of({ age: 5 })).toBe('x: it is a row of named columns, and the input takes a picture [1, 2]');
  });

  it('are whole where the input wants a class or tokens, whatever they come from', () => {
    const tokens: Port = { name: 'x', shape: [2], kind: 'int', limit: 3 };
    expect(prepared(inputForms([tokens], undefined), [0, 2])).toEqual({ x: [0, 2] });
    expect(prepared(inputForms([tokens], undefined), [0, 3])).toBe('x: 3 is no whole number from 0 to 2');
    const columns = ['a', 'b'].map((name) => ({ kind: 'number', name }) as const);
    const row: PreparedInput = { port: tokens, form: { kind: 'table', name: 'x', columns } };
    expect(prepared([row], { a: 1, b: 0.5 })).toBe('x: 0.5 is no whole number from 0 to 2');
  });
});

describe('several inputs', () => {
  const preparation: Preparation = { format: 1, source: 'csv', inputs: [table], targets: [] };
  const inputs = inputForms([port('x', 3), port('y', 2)], preparation);

  it('come by name; what has no form is taken as it is', () => {
    expect(prepared(inputs, { x: { age: 50, town: 'Rome' }, y: [7, 8] })).toEqual({
      x: [2, 0, 1],
      y: [7, 8],
    });
    expect(prepared(inputs, { x: [50, 'Rome'] })).toBe('y: it is missing');
    expect(prepared(inputs, { x: [50, 'Rome'], y: [7, 8], z: 1 })).toBe(
      'z: the model has no such input; it has x, y',
    );
    expect(prepared(inputs, [1, 2])).toBe('the example: an object with x, y is wanted');
  });

  it('of several examples follow one another, and an error tells the example', () => {
    const rows: Example[] = [{ age: 50, town: 'Rome' }, [30, 'Bonn']];
    expect([...(prepareExamples(inputsOf(table), rows)['x'] ?? [])]).toEqual([2, 0, 1, 0, 1, 0]);
    expect(() => prepareExamples(inputsOf(table), [...rows, {}])).toThrow('example 3: age: it is missing');
    expect(() => prepareExamples(inputsOf(table), [])).toThrow('the examples: there is none');
  });
});
