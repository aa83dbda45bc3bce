import { describe, expect, test } from 'vitest';
import { mergeAxes, mergeReductions } from '../../../src/ir/linear/merge.ts';
import { atomPosition, combine } from '../../../src/ir/linear/position.ts';
import type { Formula, Position } from '../../../src/ir/linear/type.ts';
import { positionsOf, substituteIn } from '../../../src/ir/linear/walk.ts';
import { axis } from '../stages/programs.ts';
import { sum } from './positions.ts';

const [r, i, j] = [axis('r', 3), axis('i', 4), axis('j', 5)];
const read = (position: Position): Formula => ({ kind: 'read', buffer: 0, position });

describe('axes', () => {
  test('are merged with their neighbors where every position steps through both as through one', () => {
    const dense = sum({ r: 20, i: 5, j: 1 }, 7);
    const { axes, by } = mergeAxes([r, i, j], [dense, sum({ r: 40, i: 10, j: 2 })]);
    expect(axes.map(({ size }) => size)).toEqual([60]);
    expect(substituteIn(dense, by)).toEqual(sum({ [axes[0]?.id ?? '']: 1 }, 7));
  });

  test('stay apart where one position does not', () => {
    const bias = sum({ j: 1 });
    const { axes, by } = mergeAxes([r, i, j], [sum({ r: 20, i: 5, j: 1 }), bias]);
    expect(axes.map(({ size }) => size)).toEqual([12, 5]);
    expect(substituteIn(bias, by)).toEqual(bias);
  });

  test('stay apart where a quotient tells them apart', () => {
    const quotient = atomPosition({ kind: 'quotient', of: sum({ j: 1 }), divisor: 2 });
    const position = combine([
      [sum({ i: 5, j: 1 }), 1],
      [quotient, 20],
    ]);
    expect(mergeAxes([i, j], positionsOf(read(position))).axes).toEqual([i, j]);
  });

  test('of size one are gone', () => {
    const { axes, by } = mergeAxes([i, axis('u', 1), j], [sum({ i: 5, u: 9, j: 1 })]);
    expect(axes.map(({ size }) => size)).toEqual([20]);
    expect(substituteIn(sum({ u: 9 }, 2), by)).toEqual(sum({}, 2));
  });
});

describe('a reduction', () => {
  const reduce = (reducer: 'sum' | 'argmax', axes: Parameters<typeof mergeAxes>[0], position: Position) =>
    mergeReductions({ kind: 'reduce', reducer, axes, value: read(position) });

  test('has its axes merged by its own positions', () => {
    const merged = reduce('sum', [i, j], sum({ r: 20, i: 5, j: 1 }));
    expect(merged).toMatchObject({ kind: 'reduce', axes: [{ size: 20 }] });
  });

  test('over axes of size one is its value, or the first place', () => {
    expect(reduce('sum', [axis('u', 1)], sum({ r: 1, u: 1 }))).toEqual(read(sum({ r: 1 })));
    expect(reduce('argmax', [axis('u', 1)], sum({ r: 1, u: 1 }))).toEqual({ kind: 'number', value: 0 });
  });
});
