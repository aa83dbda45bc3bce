import { describe, expect, it } from 'vitest';
import type { Buffer, Expression } from '../../../src/ir/stages/type.ts';
import { printKernel } from '../../../src/ir/stages/print.ts';
import { simplifyKernel } from '../../../src/kernel/fuse/simplify-expression.ts';
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
import { axis, input, map, temporary } from '../../ir/stages/programs.ts';

const [i, j, k, one] = [axis('i', 3), axis('j', 4), axis('k', 5), axis('one', 1)];
const buffers: readonly Buffer[] = [
  { id: 0, name: 'x', shape: [8, 8], element: 'f32', role: input },
  { id: 1, name: 'b', shape: [8], element: 'f32', role: input },
  { id: 2, name: 'y', shape: [3, 4, 1], element: 'f32', role: temporary },
];
const x: Expression = { kind: 'read', buffer: 0, index: [at(i), at(j)] };
const b = (index = at(i)): Expression => ({ kind: 'read', buffer: 1, index: [index] });

describe('simplifyKernel', () => {
  it.each<[string, string, Expression]>([
    ['folds numbers', '7', apply('add', number(3), apply('multiply', number(2), number(2)))],
    [
      'drops what changes nothing',
      'x[i, j]',
      apply('divide', apply('multiply', number(1), apply('add', x, number(0))), number(1)),
    ],
    ['keeps a product by 0, which may be NaN', 'x[i, j] · 0', apply('multiply', x, number(0))],
    ['chooses by a number', 'b[i]', apply('select', apply('less', number(2), number(1)), x, b())],
    [
      'makes one position of several',
      '3·i + j − 2',
      apply(
        'add',
        apply('multiply', position(at(i)), number(3)),
        apply('subtract', position(at(j)), number(2)),
      ),
    ],
    ['forgets axes of one element', 'b[i]', b(affine(0, [i, 1], [one, 7]))],
    ['adds up terms of one axis', 'b[3·i]', b(affine(0, [i, 1], [i, 2]))],
    ['divides what can be divided', 'b[i]', b(quotient(affine(1, [i, 2]), 2))],
    ['splits quotients where the rest is small', 'b[i + 1]', b(quotient(affine(4, [i, 4], [j, 1]), 4))],
    ['keeps quotients where it is not', 'b[⌊(4·i + j + 1) / 4⌋]', b(quotient(affine(1, [i, 4], [j, 1]), 4))],
    ['drops conditions that hold', 'x[i, j]', guard([inside(at(i), 3), inside(affine(1, [j, 1]), 5)], x)],
    [
      'drops conditions that others imply',
      '[i < 2] · x[i, j]',
      guard([inside(affine(1, [i, 1]), 4), inside(at(i), 2)], x),
    ],
    ['gives the other number where one never holds', '-1', guard([inside(affine(5, [i, 1]), 3)], x, -1)],
    [
      'joins guards of one number',
      '[i < 2, j < 2] · x[i, j]',
      guard([inside(at(i), 2)], guard([inside(at(j), 2)], x)),
    ],
    [
      'keeps guards of two numbers',
      '[i < 2] · if([j < 2], x[i, j], 1)',
      guard([inside(at(i), 2)], guard([inside(at(j), 2)], x, 1)),
    ],
    [
      'brings conditions to their smallest form',
      '[0 ≤ i − 1] · b[i]',
      guard([inside(affine(-2, [i, 2]), 6)], b()),
    ],
    [
      'bounds quotients by their numerators',
      '[0 ≤ i − 1] · b[i]',
      guard([inside(quotient(affine(-1, [i, 1]), 2), 4)], b()),
    ],
    ['reduces what divides', '[2 | i + j] · b[i]', guard([divisible(affine(0, [i, 2], [j, 2]), 4)], b())],
    ['knows what never divides', '0', guard([divisible(affine(1, [i, 2]), 2)], b())],
    ['sums over what changes nothing by counting', 'b[i] · 5', reduce('sum', [k], b())],
    ['drops sums over one element', 'b[i]', reduce('sum', [one], b(affine(0, [i, 1], [one, 1])))],
    [
      'drops an axis a maximum does not depend on',
      'max_k:5 b[k]',
      reduce('max', [one, k, axis('l', 2)], b(at(k))),
    ],
    [
      'keeps the axes of an argmax, whose place they count',
      'argmax_k:5,l:2 b[k]',
      reduce('argmax', [k, axis('l', 2)], b(at(k))),
    ],
  ])('%s', (_, expected, body) => {
    const simple = simplifyKernel(map(2, [i, j, one], body));
    expect(printKernel(simple, buffers)).toBe(`y[i: 3, j: 4, one: 1] = ${expected.replace(/^-/, '−')}`);
  });
});
