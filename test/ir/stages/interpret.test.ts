import { describe, expect, it } from 'vitest';
import { interpret } from '../../../src/ir/stages/interpret.ts';
import type { Expression, KernelProgram, ScalarFunction } from '../../../src/ir/stages/type.ts';
import {
  affine,
  apply,
  at,
  divisible,
  flatten,
  guard,
  inside,
  number,
  position,
  quotient,
  reduce,
} from '../../../src/ops/expressions.ts';
import { randomKey, uniform } from '../../../src/runtime/random.ts';
import { axis, input, map, parameter, program, temporary } from './programs.ts';

const [i, j, k] = [axis('i', 3), axis('j', 4), axis('k', 4)];
const read = (buffer: number, ...index: (ReturnType<typeof at> | Expression)[]): Expression => ({
  kind: 'read',
  buffer,
  index,
});

function run(whole: KernelProgram, inputs: Record<string, readonly number[]>, precision?: 'float32') {
  const bindings = { inputs: new Map(Object.entries(inputs)), stored: new Map() };
  return [...(interpret(whole, precision ? { ...bindings, precision } : bindings).outputs.get('y') ?? [])];
}

/** y[i] = body, of one input x of the shape [3, 4] with the elements 0 … 11. */
function rows(body: Expression): readonly number[] {
  const buffers = [
    { name: 'x', shape: [3, 4], role: input },
    { name: 'y', shape: [3], role: temporary },
  ];
  return run(program(buffers, [map(1, [i], body)]), { x: Array.from({ length: 12 }, (_, n) => n) });
}

describe('interpret', () => {
  it('reduces rows: sum, maximum, place of the first maximum', () => {
    const row = read(0, at(i), at(k));
    expect(rows(reduce('sum', [k], row))).toEqual([6, 22, 38]);
    expect(rows(reduce('max', [k], row))).toEqual([3, 7, 11]);
    expect(rows(reduce('argmax', [k], apply('minimum', row, number(6))))).toEqual([3, 2, 0]);
  });

  it('gives argmax as a flat place over several axes, in their order', () => {
    const [a, b] = [axis('a', 2), axis('b', 2)];
    const value = read(0, at(i), affine(0, [a, 1], [b, 2]));
    expect(rows(reduce('argmax', [a, b], value))).toEqual([3, 3, 3]);
    const falling = apply('negate', value);
    expect(rows(reduce('argmax', [b, a], falling))).toEqual([0, 0, 0]);
    expect(
      rows(
        reduce('argmax', [a, b], apply('equal', read(0, number(0), affine(0, [a, 1], [b, 2])), number(2))),
      ),
    ).toEqual([1, 1, 1]);
  });

  it('passes NaN through a maximum, and lets argmax pass it over', () => {
    const first = apply('equal', position(at(k)), number(1));
    const value = apply('select', first, apply('log', number(-1)), read(0, at(i), at(k)));
    expect(rows(reduce('max', [k], value))).toEqual([NaN, NaN, NaN]);
    expect(rows(reduce('argmax', [k], value))).toEqual([3, 3, 3]);
  });

  it('evaluates what is guarded only where the conditions hold', () => {
    const shifted = affine(-1, [i, 2]);
    const value = guard([inside(shifted, 3)], read(0, shifted, affine(1)), -5);
    expect(rows(value)).toEqual([-5, 5, -5]);
    const even = affine(0, [i, 1]);
    expect(rows(guard([divisible(even, 2)], read(0, quotient(even, 2), affine(3)), 0.5))).toEqual([
      3, 0.5, 7,
    ]);
  });

  it('rounds quotients down, below zero too', () => {
    expect(rows(position(quotient(affine(-3, [i, 1]), 2)))).toEqual([-2, -1, -1]);
  });

  it('clamps indices that are looked up', () => {
    const looked = apply('multiply', apply('subtract', position(at(i)), number(1)), number(100));
    expect(rows(read(0, number(1), looked))).toEqual([4, 4, 7]);
    expect(rows(read(0, number(1), apply('log', number(-1))))).toEqual([4, 4, 4]);
  });

  it('draws the random numbers that the runtime draws', () => {
    const buffers = [
      { name: 'random_key', shape: [6], role: { kind: 'input', input: 'random_key' } as const },
      { name: 'y', shape: [3, 4], role: temporary },
    ];
    const key = randomKey(3, 5);
    const body: Expression = { kind: 'random', key: 0, site: 9, index: flatten([i, j]) };
    const found = run(program(buffers, [map(1, [i, j], body)]), { random_key: [...key] });
    expect(found).toEqual(Array.from({ length: 12 }, (_, n) => uniform(key, 9, n)));
  });

  it.each<[ScalarFunction, readonly number[], number]>([
    ['less', [1, 2], 1],
    ['less', [NaN, 2], 0],
    ['less_equal', [2, 2], 1],
    ['less_equal', [2, NaN], 0],
    ['equal', [NaN, NaN], 0],
    ['maximum', [NaN, 1], NaN],
    ['minimum', [1, NaN], NaN],
    ['select', [2, 3, 4], 3],
    ['select', [0, 3, 4], 4],
    ['power', [2, -2], 0.25],
    ['sigmoid', [-800], 0],
    ['softplus', [800], 800],
    ['softplus', [-800], 0],
    ['sign', [-3], -1],
    ['floor', [-0.5], -1],
  ])('computes %s of %j', (fn, operands, expected) => {
    expect(rows(apply(fn, ...operands.map(number)))[0]).toEqual(expected);
  });

  it('rounds what it stores, and nothing else, in float32', () => {
    const buffers = [
      { name: 'x', shape: [], role: input },
      { name: 'y', shape: [], role: temporary },
    ];
    const whole = program(buffers, [
      map(1, [], apply('subtract', apply('add', read(0), number(1e-9)), read(0))),
    ]);
    expect(run(whole, { x: [0.1] }, 'float32')).toEqual([
      Math.fround(Math.fround(0.1) + 1e-9 - Math.fround(0.1)),
    ]);
    expect(run(whole, { x: [0.1] })).toEqual([0.1 + 1e-9 - 0.1]);
  });

  it('adds rows up by their ids, clamped as a lookup clamps them', () => {
    const buffers = [
      { name: 'ids', shape: [4], role: input },
      { name: 'values', shape: [4, 2], role: input },
      { name: 'y', shape: [3, 2], role: temporary },
    ];
    const origin = { path: '' };
    const kernel = {
      kind: 'scatter_add',
      name: 'y',
      output: 2,
      ids: 0,
      values: 1,
      origin,
      phase: 'backward',
      fused: [],
    } as const;
    const found = run(program(buffers, [kernel]), { ids: [2, 0, 2, 7], values: [1, 2, 3, 4, 5, 6, 7, 8] });
    expect(found).toEqual([3, 4, 0, 0, 13, 16]);
  });

  it('updates stored tensors after the run, by the values that all of it computed', () => {
    const buffers = [
      { name: 'a', shape: [2], role: parameter('a') },
      { name: 'b', shape: [2], role: parameter('layer.b') },
      { name: 'next', shape: [2], role: temporary },
      { name: 'y', shape: [2], role: temporary },
    ];
    const n = axis('n', 2);
    const kernels = [
      map(2, [n], apply('add', read(0, at(n)), read(1, at(n)))),
      map(3, [n], apply('multiply', read(0, at(n)), read(2, at(n)))),
    ];
    const stored = new Map([
      ['a', [1, 2]],
      ['layer.b', [10, 20]],
    ]);
    const found = interpret(program(buffers, kernels, { updates: [{ stored: 0, value: 2 }] }), {
      inputs: new Map(),
      stored,
    });
    expect(Object.fromEntries(found.stored)).toEqual({
      a: Float64Array.of(11, 22),
      'layer.b': Float64Array.of(10, 20),
    });
    expect(found.outputs.get('y')).toEqual(Float64Array.of(11, 44));
    expect(stored.get('a')).toEqual([1, 2]);
  });

  it('names what is missing or has another length', () => {
    const buffers = [
      { name: 'image', shape: [2], role: input },
      { name: 'w', shape: [3], role: parameter('layer.w') },
      { name: 'y', shape: [], role: temporary },
    ];
    const whole = program(buffers, [map(2, [], number(1))]);
    const bind = (inputs: [string, number[]][], stored: [string, number[]][]) => () =>
      interpret(whole, { inputs: new Map(inputs), stored: new Map(stored) });
    expect(bind([], [])).toThrow('the input image is not given');
    expect(bind([['image', [1]]], [])).toThrow('the input image has 1 elements, not 2');
    expect(bind([['image', [1, 2]]], [])).toThrow('the stored tensor layer.w is not given');
  });
});
