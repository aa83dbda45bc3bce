import { describe, expect, it } from 'vitest';
import type { Buffer, Expression, Index, Kernel, KernelProgram } from '../../../src/ir/stages/type.ts';
import { verifyKernels } from '../../../src/ir/stages/verify.ts';
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
import { axis, input, map, parameter, program, temporary, type Drafted } from './programs.ts';

const [i, j, k] = [axis('i', 3), axis('j', 4), axis('k', 3)];
const buffers: readonly Drafted[] = [
  { name: 'x', shape: [3, 4], role: input },
  { name: 'w', shape: [3], role: parameter('w') },
  { name: 'h', shape: [3, 4], role: temporary },
  { name: 'y', shape: [3], role: temporary },
];
const x = (...index: readonly (Index | Expression)[]): Expression => ({ kind: 'read', buffer: 0, index });
const h = (...index: readonly Index[]): Expression => ({ kind: 'read', buffer: 2, index });

const first = map(2, [i, j], apply('exp', x(at(i), at(j))), 'h');
const second = map(3, [i], reduce('sum', [axis('n', 4)], h(at(i), at(axis('n', 4)))), 'y');
const good = program(buffers, [first, second]);

/** y[i] = body */
const withBody = (body: Expression): KernelProgram => program(buffers, [first, map(3, [i], body, 'y')]);
const changed = (id: number, change: Partial<Buffer>): KernelProgram =>
  program(
    buffers.map((buffer, at) => (at === id ? { ...buffer, ...change } : buffer)),
    [first, second],
  );

describe('verifyKernels', () => {
  it('lets a program pass that keeps the rules', () => {
    expect(() => verifyKernels(good)).not.toThrow();
    expect(() =>
      verifyKernels(withBody(x(at(i), { kind: 'read', buffer: 1, index: [at(i)] }))),
    ).not.toThrow();
  });

  it.each<[string, KernelProgram]>([
    ['kernel y reads h before it is written', program(buffers, [second, first])],
    ['kernel h writes h a second time', program(buffers, [first, first, second])],
    ['kernel h writes x, no temporary of its own', program(buffers, [{ ...first, output: 0 }])],
    ['kernel h writes buffer 9, which there is none of', program(buffers, [{ ...first, output: 9 }])],
    ['kernel y reads buffer 9, which there is none of', withBody({ kind: 'read', buffer: 9, index: [] })],
    ['kernel y has other axes than y', program(buffers, [first, { ...second, axes: [j] }])],
    ['kernel h has two output axes of one id', program(buffers, [{ ...first, axes: [i, axis('i', 4)] }])],
    ['kernel y reads x by 1 indices', withBody(x(at(i)))],
    ['kernel y uses the axis j where it does not run', withBody(position(at(j)))],
    [
      'kernel y binds the axis k twice',
      withBody(apply('add', reduce('sum', [k], position(at(k))), reduce('max', [k], position(at(k))))),
    ],
    ['kernel y binds the axis i twice', withBody(reduce('sum', [i], x(at(i), affine(0))))],
    ['kernel y reduces over one axis twice', withBody(reduce('sum', [k, k], number(1)))],
    [
      'kernel y reduces over nothing',
      withBody({ kind: 'reduce', reducer: 'sum', axes: [], value: number(1) }),
    ],
    ['kernel y gives add 1 operands', withBody(apply('add', number(1)))],
    ['kernel y has an index with the divisor 0', withBody(position({ ...at(i), divisor: 0 }))],
    ['kernel y has an index that is not whole', withBody(position(affine(0.5, [i, 1])))],
    ['kernel y has a limit of 0', withBody(guard([inside(at(i), 0)], number(1)))],
    [
      'kernel y asks whether a quotient is divisible',
      withBody(guard([divisible(quotient(at(i), 2), 2)], number(1))),
    ],
    ['kernel y draws random numbers by no key', withBody({ kind: 'random', key: 0, site: 0, index: at(i) })],
    ['kernel y may read x out of bounds along its axis 1', withBody(x(at(i), affine(2, [i, 1])))],
    [
      'kernel y may read x out of bounds along its axis 0',
      withBody(guard([inside(affine(-1, [i, 1]), 3)], x(affine(-2, [i, 1]), affine(0)))),
    ],
    ['kernel y may read x out of bounds along its axis 1', withBody(x(at(i), affine(4)))],
    ['program: buffer y has the shape [0]', changed(3, { shape: [0] })],
    ['program: buffer x is there twice', changed(1, { name: 'x' })],
    ['program: buffer w has the id 7 at position 1', changed(1, { id: 7 })],
    ['program: buffer w is an alias of no storage', changed(1, { alias: 8 })],
    ['program: buffer w is an alias of another kind of buffer, x', changed(1, { alias: 0, shape: [12] })],
    ['program: buffer h has more or fewer elements than y', changed(2, { alias: 3 })],
    ['program: nothing computes the output z', { ...good, outputs: [{ name: 'z', buffer: 0 }] }],
    ['program: two outputs share a name', { ...good, outputs: [good.outputs, good.outputs].flat() }],
    ['program: buffer 0 is updated, but not stored', { ...good, updates: [{ stored: 0, value: 2 }] }],
    ['program: nothing computes the update of w', { ...good, updates: [{ stored: 1, value: 1 }] }],
    ['program: w is updated by h, of another shape', { ...good, updates: [{ stored: 1, value: 2 }] }],
    [
      'program: a stored buffer is updated twice',
      {
        ...good,
        updates: [
          { stored: 1, value: 3 },
          { stored: 1, value: 3 },
        ],
      },
    ],
  ])('says that %s', (message, broken) => {
    expect(() => verifyKernels(broken)).toThrow(message);
  });

  it('takes guards into account where it bounds an index', () => {
    const padded = affine(-1, [i, 1], [k, 1]);
    verifyKernels(withBody(reduce('sum', [k], guard([inside(padded, 3)], x(padded, at(k))))));
    const strided = affine(1, [i, 1], [k, -1]);
    const conditions = [inside(strided, 3), divisible(strided, 2)];
    verifyKernels(withBody(reduce('sum', [k], guard(conditions, x(quotient(strided, 2), at(k))))));
    const inner = guard([inside(padded, 3)], x(at(i), affine(0, [i, 1], [k, 1])));
    expect(() => verifyKernels(withBody(reduce('sum', [k], inner)))).not.toThrow();
    const past = guard([inside(padded, 3)], x(at(i), affine(1, [i, 1], [k, 1])));
    expect(() => verifyKernels(withBody(reduce('sum', [k], past)))).toThrow('out of bounds along its axis 1');
  });

  it('lets equal reductions stand in several places', () => {
    const sum = reduce('sum', [k], x(at(k), affine(0)));
    expect(() => verifyKernels(withBody(apply('multiply', sum, apply('sigmoid', sum))))).not.toThrow();
  });

  it('checks the shapes of a scatter-add', () => {
    const scatter = (ids: number, values: number, output: number): Kernel => ({
      kind: 'scatter_add', name: 's', output, ids, values, origin: { path: '' }, phase: 'backward', fused: [],
    }); // prettier-ignore
    const all = [...buffers, { name: 'table', shape: [5, 4], role: temporary }];
    expect(() => verifyKernels(program(all, [first, scatter(1, 2, 4)]))).not.toThrow();
    expect(() => verifyKernels(program(all, [first, scatter(2, 1, 4)]))).toThrow(
      'does not begin with that of the ids',
    );
    expect(() => verifyKernels(program(buffers, [first, scatter(1, 2, 3)]))).toThrow(
      'rows are not as its values',
    );
  });
});
