import { describe, expect, it } from 'vitest';
import type { Buffer, Condition, Expression } from '../../../src/ir/stages/type.ts';
import { printKernel, printKernels } from '../../../src/ir/stages/print.ts';
import {
  affine,
  apply,
  at,
  divisible,
  guard,
  inside,
  number,
  position,
  quotient,
  reduce,
} from '../../../src/ops/expressions.ts';
import { axis, input, map, parameter, program, temporary } from './programs.ts';

const [i, j, k] = [axis('i', 3), axis('j', 4), axis('k', 5)];
const buffers: readonly Buffer[] = [
  { id: 0, name: 'x', shape: [3, 4], element: 'f32', role: input },
  { id: 1, name: 'linear_1.W', shape: [4], element: 'f32', role: parameter('linear_1.W') },
  { id: 2, name: 'y', shape: [3, 4], element: 'f32', role: temporary },
];
const x: Expression = { kind: 'read', buffer: 0, index: [at(i), at(j)] };
const w: Expression = { kind: 'read', buffer: 1, index: [at(k)] };
const print = (body: Expression) =>
  printKernel(map(2, [i, j], body), buffers).replace('y[i: 3, j: 4] = ', '');

describe('printKernels', () => {
  it.each<[string, Expression]>([
    ['x[i, j] + linear_1.W[k] · x[i, j]', apply('add', x, apply('multiply', w, x))],
    ['(x[i, j] + linear_1.W[k]) · x[i, j]', apply('multiply', apply('add', x, w), x)],
    ['x[i, j] − (x[i, j] − linear_1.W[k])', apply('subtract', x, apply('subtract', x, w))],
    ['x[i, j] / (x[i, j] · linear_1.W[k])', apply('divide', x, apply('multiply', x, w))],
    ['(−x[i, j]) ^ 2', apply('power', apply('negate', x), number(2))],
    ['x[i, j] · −0.5', apply('multiply', x, number(-0.5))],
    [
      'if(0 < x[i, j], max(x[i, j], 1), −∞)',
      apply('select', apply('less', number(0), x), apply('maximum', x, number(1)), number(-Infinity)),
    ],
    ['Σ_k:5 x[i, j] · linear_1.W[k]', reduce('sum', [k], apply('multiply', x, w))],
    ['Σ_k:5 (x[i, j] + linear_1.W[k])', reduce('sum', [k], apply('add', x, w))],
    ['(Σ_k:5 linear_1.W[k]) · x[i, j]', apply('multiply', reduce('sum', [k], w), x)],
    ['Σ_k:5 linear_1.W[k] + x[i, j]', apply('add', reduce('sum', [k], w), x)],
    ['max_k:5 linear_1.W[k] = j', apply('equal', reduce('max', [k], w), position(at(j)))],
    ['x[i, j] · (2·i − j)', apply('multiply', x, position(affine(0, [i, 2], [j, -1])))],
    [
      'x[⌊(i + 1) / 2⌋, 3 − j]',
      { kind: 'read', buffer: 0, index: [quotient(affine(1, [i, 1]), 2), affine(3, [j, -1])] },
    ],
    [
      'linear_1.W[x[i, 0]]',
      { kind: 'read', buffer: 1, index: [{ kind: 'read', buffer: 0, index: [at(i), affine(0)] }] },
    ],
  ])('%s', (expected, body) => {
    expect(print(body)).toBe(expected);
  });

  it.each<[string, Condition]>([
    ['0 ≤ i − 1', inside(affine(-1, [i, 1]), 3)],
    ['i + 1 < 3', inside(affine(1, [i, 1]), 3)],
    ['0 ≤ 2·i − j < 3', inside(affine(0, [i, 2], [j, -1]), 3)],
    ['2 | i + 1', divisible(affine(1, [i, 1]), 2)],
  ])('prints of a condition what does not always hold: %s', (expected, condition) => {
    expect(print(guard([condition], x))).toBe(`[${expected}] · x[i, j]`);
    expect(print(guard([condition], x, -1))).toBe(`if([${expected}], x[i, j], −1)`);
  });

  it('prints what is given, the kernels with their places, what leaves and what is updated', () => {
    const source = { path: 'model.nn', text: 'one\ntwo\nthree', library: false };
    const kernel = { ...map(3, [i, j], x), origin: { path: '', span: { source, start: 5, end: 6 } } };
    const whole = program(
      [
        { name: 'x', shape: [3, 4], role: input },
        { name: 'flat', shape: [12], role: input, alias: 0 },
        { name: 'layer.w', shape: [12], role: parameter('layer.w') },
        { name: 'y', shape: [3, 4], role: temporary },
        { name: 'z', shape: [12], role: temporary, alias: 3 },
        { name: 'table', shape: [2, 4], role: temporary },
      ],
      [
        kernel,
        {
          kind: 'scatter_add',
          name: 'table',
          output: 5,
          ids: 0,
          values: 4,
          origin: { path: '' },
          phase: 'backward',
          fused: [],
        },
      ],
      { outputs: [{ name: 'out', buffer: 3 }], updates: [{ stored: 2, value: 4 }] },
    );
    expect(printKernels(whole)).toBe(
      `program
  input x: [3, 4]
  flat: [12] = x reshaped
  parameter layer.w: [12]
  y[i: 3, j: 4] = x[i, j]   // model.nn:2
  z: [12] = y reshaped
  table[x[…], …] += z[…, …]
  output out = y
  update layer.w ← z
`,
    );
  });
});
