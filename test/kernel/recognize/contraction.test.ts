import { describe, expect, it } from 'vitest';
import { accumulator, type Expression, type MapKernel } from '../../../src/ir/stages/type.ts';
import { asContraction, heavyContraction } from '../../../src/kernel/recognize/contraction.ts';
import { affine, apply, at, guard, inside, number, position, reduce } from '../../../src/ops/expressions.ts';
import { axis, map } from '../../ir/stages/programs.ts';

const [n, h, o, k, w] = [axis('n', 4), axis('h', 6), axis('o', 5), axis('k', 3), axis('w', 2)];
const read = (buffer: number, ...axes: readonly ReturnType<typeof axis>[]): Expression => ({
  kind: 'read',
  buffer,
  index: axes.map(at),
});
const sum = reduce('sum', [k], apply('multiply', read(0, n, k), read(1, o, k)));
const ids = (axes: readonly { readonly id: string }[] | undefined) => axes?.map((each) => each.id).join(' ');
const kernel = (body: Expression, ...axes: readonly ReturnType<typeof axis>[]): MapKernel =>
  map(2, axes, body);

describe('asContraction', () => {
  it('sorts the axes by where they occur', () => {
    const found = asContraction(
      kernel(reduce('sum', [k], apply('multiply', read(0, h, n, k), read(1, h, o, k))), h, n, o),
    );
    expect([ids(found?.batch), ids(found?.m), ids(found?.n), ids(found?.k)]).toEqual(['h', 'n', 'o', 'k']);
    expect(found?.left).toEqual({ buffer: 0, index: [at(h), at(n), at(k)], conditions: [] });
  });

  it('counts the axes of conditions, and gathers conditions of nested guards', () => {
    const place = affine(-1, [h, 1], [w, 1]);
    const padded = guard(
      [inside(place, 6)],
      guard([inside(at(h), 5)], { kind: 'read', buffer: 0, index: [at(n), place] }),
    );
    const found = asContraction(
      kernel(reduce('sum', [w], apply('multiply', padded, read(1, o, w))), n, o, h),
    );
    expect([ids(found?.m), ids(found?.n), ids(found?.batch)]).toEqual(['n h', 'o', '']);
    expect(found?.left.conditions).toHaveLength(2);
  });

  it('gives the epilogue with the sum as a read of its own', () => {
    const found = asContraction(kernel(apply('maximum', apply('add', sum, read(3, o)), number(0)), n, o));
    const placeholder: Expression = { kind: 'read', buffer: accumulator, index: [] };
    expect(found?.sum).toEqual(sum);
    expect(found?.epilogue).toEqual(apply('maximum', apply('add', placeholder, read(3, o)), number(0)));
  });

  it('takes a sum that stands there twice for one', () => {
    const found = asContraction(kernel(apply('multiply', sum, apply('sigmoid', structuredClone(sum))), n, o));
    const placeholder: Expression = { kind: 'read', buffer: accumulator, index: [] };
    expect(found?.epilogue).toEqual(apply('multiply', placeholder, apply('sigmoid', placeholder)));
  });

  it.each<[string, Expression]>([
    [
      'two different sums',
      apply('add', sum, reduce('sum', [k], apply('multiply', read(0, o, k), read(1, o, k)))),
    ],
    ['a maximum', reduce('max', [k], apply('multiply', read(0, n, k), read(1, o, k)))],
    [
      'an operand that is computed',
      reduce('sum', [k], apply('multiply', apply('exp', read(0, n, k)), read(1, o, k))),
    ],
    [
      'an operand whose guard gives another number',
      reduce('sum', [k], apply('multiply', guard([inside(at(k), 2)], read(0, n, k), 1), read(1, o, k))),
    ],
    [
      'an operand that is looked up',
      reduce(
        'sum',
        [k],
        apply('multiply', { kind: 'read', buffer: 0, index: [read(3, n), at(k)] }, read(1, o, k)),
      ),
    ],
    ['a position', reduce('sum', [k], apply('multiply', position(at(k)), read(1, o, k)))],
    ['no reduction', apply('multiply', read(0, n, o), read(1, o, n))],
  ])('finds none in %s', (_, body) => {
    expect(asContraction(kernel(body, n, o))).toBeUndefined();
  });
});

describe('heavyContraction', () => {
  const products = (left: Expression, right: Expression) =>
    reduce('sum', [k], apply('multiply', left, right));

  it('is one that reads both operands again and again', () => {
    expect(heavyContraction(kernel(sum, n, o))).toBeDefined();
    const window: Expression = { kind: 'read', buffer: 0, index: [at(n), affine(0, [h, 1], [k, 1])] };
    expect(heavyContraction(kernel(products(window, read(1, k)), n, h))).toBeDefined();
  });

  it('is none where an operand is read once', () => {
    expect(heavyContraction(kernel(products(read(0, n, k), read(1, n, k)), n))).toBeUndefined();
    expect(heavyContraction(kernel(products(read(0, n, k), read(1, k)), n))).toBeUndefined();
  });
});
