// Two halves of an axis become one: what a pooling window's place says of an element is then a number, and whatever needs the inner
// half as an index stays as it was.
import { describe, expect, it } from 'vitest';
import type { Axis, Buffer, Expression, MapKernel } from '../../../src/ir/stages/type.ts';
import { interpret } from '../../../src/ir/stages/interpret.ts';
import { printKernel } from '../../../src/ir/stages/print.ts';
import { joinAxes } from '../../../src/kernel/fuse/join-axes.ts';
import { affine, apply, at, number, position, reduce } from '../../../src/ops/expressions.ts';

const whole: Axis = { id: 'w', size: 6, hint: 'w' };
const first: Axis = { id: 'f', size: 3, hint: 'f' };
const second: Axis = { id: 's', size: 2, hint: 's' };
const split = { whole, first, second };

const input = { kind: 'input', input: 'input' } as const;
const buffers = (shape: readonly number[]): Buffer[] => [
  { id: 0, name: 'place', shape: [3], element: 'f32', role: input },
  { id: 1, name: 'value', shape: [3], element: 'f32', role: input },
  { id: 2, name: 'full', shape: [6], element: 'f32', role: input },
  { id: 3, name: 'y', shape, element: 'f32', role: { kind: 'temporary' } as const },
];

function kernelOf(axes: readonly Axis[], body: Expression): MapKernel {
  return { kind: 'map', name: 'y', output: 3, axes, body, origin: { path: '' }, phase: 'forward', fused: [] };
}

function run(kernel: MapKernel): readonly number[] {
  const shape = kernel.axes.map(({ size }) => size);
  const program = {
    name: 'p',
    buffers: buffers(shape),
    kernels: [kernel],
    outputs: [{ name: 'y', buffer: 3 }],
    updates: [],
  };
  const inputs = new Map([
    ['place', [1, 0, 1]],
    ['value', [7, 8, 9]],
    ['full', [1, 2, 3, 4, 5, 6]],
  ]);
  return [...(interpret(program, { inputs, stored: new Map() }).outputs.get('y') ?? [])];
}

const read = (buffer: number, ...index: readonly Axis[]): Expression => ({
  kind: 'read',
  buffer,
  index: index.map(at),
});

describe('joined axes', () => {
  it('are not joined where the kernel runs over one half alone', () => {
    const other: Axis = { id: 'o', size: 2 };
    for (const axes of [
      [first, other],
      [other, second],
    ])
      expect(joinAxes(kernelOf(axes, number(1)), split)).toBeUndefined();
  });

  const isPlace = apply('equal', position(at(second)), read(0, first));
  const full: Expression = { kind: 'read', buffer: 2, index: [affine(0, [first, 2], [second, 1])] };
  const pooled = kernelOf(
    [first, second],
    apply('multiply', apply('select', isPlace, read(1, first), number(0)), full),
  );

  it('give the same values in the same order', () => {
    const joined = joinAxes(pooled, split);
    if (!joined) throw new Error('not joined');
    expect(printKernel(joined, buffers([6]))).toContain(
      'y[w: 6] = if(w − 2 · ⌊w / 2⌋ = place[⌊w / 2⌋], value[⌊w / 2⌋], 0) · full[w]',
    );
    expect(run(joined)).toEqual(run(pooled));
    expect(run(joined)).toEqual([0, 14, 24, 0, 0, 54]);
  });

  it('are none where the inner half is an index, or stands alone in a sum', () => {
    const inner: Expression = { kind: 'read', buffer: 2, index: [at(second)] };
    expect(joinAxes(kernelOf([first, second], inner), split)).toBeUndefined();
    expect(joinAxes(kernelOf([first], reduce('sum', [second], full)), split)).toBeUndefined();
  });

  it('of a reduction too', () => {
    const body = reduce('sum', [first, second], apply('multiply', pooled.body, full));
    const kernel = kernelOf([], body);
    const joined = joinAxes(kernel, split);
    if (!joined) throw new Error('not joined');
    expect(run(joined)).toEqual(run(kernel));
  });
});
