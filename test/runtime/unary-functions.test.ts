import { describe, expect, it } from 'vitest';
import { unaryFunctions } from '../../src/runtime/unary-functions.ts';

const { erf } = unaryFunctions;

describe('erf', () => {
  // The values of C's erf.
  it.each([
    [0, 0],
    [1e-10, 1.1283791670955126e-10],
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [2.9999, 0.9999778955735178],
    [3.0001, 0.9999779234241298],
    [4, 0.9999999845827421],
    [5.9, 0.9999999999999999],
    [30, 1],
    [Infinity, 1],
  ])('of %d is %d, and odd', (x, expected) => {
    expect(Math.abs(erf(x) - expected)).toBeLessThanOrEqual(4e-16 * expected);
    expect(erf(-x)).toBe(-erf(x));
  });

  it('passes NaN on', () => {
    expect(erf(NaN)).toBeNaN();
  });
});

describe('round', () => {
  // The values of torch.round.
  it.each([
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [-0.5, -0],
    [-1.5, -2],
    [-2.5, -2],
    [-0.3, -0],
    [0.49999999999999994, 0],
    [2 ** 52 + 1, 2 ** 52 + 1],
    [-Infinity, -Infinity],
    [NaN, NaN],
  ])('of %d is %d', (x, expected) => {
    expect(unaryFunctions.round(x)).toBe(expected);
  });
});
