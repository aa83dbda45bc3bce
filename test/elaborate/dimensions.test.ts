// Dimensions: bound by a call, unified across inputs, computed with, and checked in results.
import { describe, expect, test } from 'vitest';
import { diagnose } from '../std/run-program.ts';
import { model, outputShape, stored } from './models.ts';

function codes(text: string): string[] {
  return diagnose(text).diagnostics.map(({ code }) => code);
}

describe('names of dimensions', () => {
  test('are bound by the call and can be computed with', () => {
    const definitions = `layer Wide (x: [T, D]) -> [T, 2 * D] {
      param W: [2 * D, D] = he
      return x @ W'
    }`;
    const text = model('net { Wide }', { definitions, inputs: 'input x: [3, 4]' });
    expect(outputShape(text)).toEqual([3, 8]);
    expect(stored(text)).toEqual(['wide_1.W: [8, 4]']);
  });

  test('mean the same size in every input', () => {
    const definitions = 'layer Both (a: [D], b: [D]) -> [D] = a + b';
    const inputs = 'input x: [4]\n input y: [4]\n input z: [3]';
    expect(outputShape(model('output Both(x, y)', { definitions, inputs }))).toEqual([4]);
    expect(codes(model('output Both(x, z)', { definitions, inputs }))).toEqual(['shape.mismatch']);
  });

  test('are those of the call alone: another call binds them anew', () => {
    const definitions = 'layer Keep (x: [D]) -> [D] = x';
    expect(outputShape(model('net { Keep Linear(7) Keep }', { definitions }))).toEqual([7]);
  });

  test('go before a hyper-parameter of the caller that is called alike', () => {
    const definitions = `layer Inner (x: [D]) -> [D] { param gain: [D] = ones  return gain * x }
      layer Outer(D: int) (x: [T]) { x -> Linear(D) -> Inner }`;
    expect(stored(model('net { Outer(6) }', { definitions })).at(-1)).toBe('outer_1.inner_1.gain: [6]');
  });

  test('of a constant of the file are its value', () => {
    const definitions = 'const pixels = 4\nlayer Fixed (x: [pixels]) -> [pixels] = x';
    expect(outputShape(model('net { Fixed }', { definitions }))).toEqual([4]);
    expect(codes(model('net { Linear(5) Fixed }', { definitions }))).toEqual(['shape.mismatch']);
  });

  test.each([
    ['[4]', true],
    ['[2 * 2]', true],
    ['[3]', false],
    ['[D, D]', false],
    ['[]', false],
    ['[..., 4]', true],
    ['[4, ...]', true],
    ['[...]', true],
  ])('a vector of four fits %s: %s', (type, fits) => {
    const definitions = `layer Typed (x: ${type}) = x`;
    expect(codes(model('net { Typed }', { definitions })).length === 0).toBe(fits);
  });

  test('a quotient that leaves a rest is the call’s fault', () => {
    const definitions = 'layer Half (x: [D]) -> [D / 2] = slice(x, 0, 0, D / 2)';
    expect(outputShape(model('net { Half }', { definitions }))).toEqual([2]);
    const wrong = diagnose(model('net { Linear(5) Half }', { definitions })).diagnostics;
    expect(wrong.map(({ code, args }) => ({ code, args }))).toEqual([
      { code: 'dimension.not-divisible', args: { what: '`D / 2` of `Half`', numerator: 5, denominator: 2 } },
    ]);
  });

  test('a declared result is checked', () => {
    const definitions = 'layer Wrong (x: [D]) -> [D, D] = x';
    expect(codes(model('net { Wrong }', { definitions }))).toEqual(['shape.result']);
  });
});

describe('the ellipsis', () => {
  test.each(['[4]', '[3, 4]', '[2, 3, 4]'])('stands for the leading axes of %s', (shape) => {
    const text = model('net { Linear(5) }', { inputs: `input x: ${shape}` });
    const sizes = JSON.parse(shape) as number[];
    expect(outputShape(text)).toEqual([...sizes.slice(0, -1), 5]);
    expect(stored(text)[0]).toBe('linear_1.W: [5, 4]');
  });

  test('is the same in all inputs and in the result', () => {
    const definitions = `layer Scaled (x: [..., D], factor: [...]) -> [..., D] = x * reshape(factor, [3, 1])
      layer Same (a: [...], b: [...]) -> [...] = a + b
      layer Lost (a: [..., D]) -> [..., D] = mean(a, axis = 0)`;
    const inputs = 'input x: [3, 4]\n input f: [3]\n input g: [4]';
    const using = (body: string) => model(body, { definitions, inputs });
    expect(codes(using('output Scaled(x, f)'))).toEqual([]);
    expect(codes(using('output Scaled(x, g)'))).toEqual(['shape.leading']);
    expect(codes(using('output Same(f, f)'))).toEqual([]);
    expect(codes(using('output Same(x, g)'))).toEqual(['shape.same']);
    expect(codes(using('output Lost(x)'))).toEqual(['shape.result']);
  });

  test('in a result alone stands for anything', () => {
    const definitions = 'layer Open (x: [C, H, W]) -> [C, ...] = mean(x, axis = W)';
    const text = model('net { Open }', { definitions, inputs: 'input x: [2, 3, 4]' });
    expect(outputShape(text)).toEqual([2, 3]);
  });
});

describe('whole numbers', () => {
  const inputs = 'input ids: int(7)[3]\n input x: [3]';
  const lookup = `layer Table(size: int) (ids: int(size)[T]) -> [T, 2] {
    param W: [size, 2] = normal(1)
    return lookup(W, ids)
  }`;

  test('bind their limit like a dimension', () => {
    const definitions = 'layer Any (ids: int(N)[T]) -> [T, N] = one_hot(ids, N)';
    const text = model('output Any(ids)', { definitions, inputs });
    expect(outputShape(text)).toEqual([3, 7]);
  });

  test('must have the limit that is wanted', () => {
    const using = (size: number) => model(`output Table(${size})(ids)`, { definitions: lookup, inputs });
    expect(codes(using(7))).toEqual([]);
    expect(codes(using(8))).toEqual(['shape.mismatch']);
  });

  test('are not reals, and reals are not whole numbers', () => {
    expect(codes(model('output Linear(2)(ids)', { inputs }))).toEqual(['type.mismatch']);
    expect(codes(model('output Table(7)(x)', { definitions: lookup, inputs }))).toEqual(['type.mismatch']);
    expect(codes(model('output Linear(2)(1.0 * ids)', { inputs }))).toEqual([]);
    expect(codes(model('output Table(7)(Identity(ids))', { definitions: lookup, inputs }))).toEqual([]);
  });
});
