import { describe, expect, it } from 'vitest';
import { limitReads, mostReads } from '../../../src/kernel/legalize/limit-reads.ts';
import { GraphBuilder } from '../../../src/graph/builder.ts';
import type { Buffer, Expression, KernelProgram } from '../../../src/ir/stages/type.ts';
import { interpret } from '../../../src/ir/stages/interpret.ts';
import { verifyKernels } from '../../../src/ir/stages/verify.ts';
import { buffersRead } from '../../../src/ir/stages/walk.ts';
import { lower } from '../../../src/kernel/lower.ts';
import { affine, apply, at, guard, inside, reduce } from '../../../src/ops/expressions.ts';
import { numbersFrom } from '../../ops/tensors.ts';

function inputsOf(program: KernelProgram) {
  const random = numbersFrom(3);
  const inputs = program.buffers.filter((buffer) => buffer.role.kind === 'input');
  const values = ({ shape }: Buffer) => Array.from({ length: shape.reduce((a, b) => a * b, 1) }, random);
  return { inputs: new Map(inputs.map((buffer) => [buffer.name, values(buffer)])), stored: new Map() };
}

function check(program: KernelProgram) {
  verifyKernels(program);
  const limited = limitReads(program);
  verifyKernels(limited);
  for (const kernel of limited.kernels) expect(buffersRead(kernel).length).toBeLessThanOrEqual(mostReads);
  const bindings = inputsOf(program);
  const [before, after] = [interpret(program, bindings), interpret(limited, bindings)];
  for (const [name, values] of before.outputs) {
    expect(values.some((value) => value !== 0)).toBe(true);
    values.forEach((value, i) => expect(after.outputs.get(name)?.[i]).toBeCloseTo(value, 12));
  }
  return limited;
}

/** A program of one kernel over inputs x0, x1, … of one shape. */
function programOf(
  count: number,
  shape: readonly number[],
  body: (read: (i: number, k?: number) => Expression) => Expression,
) {
  const axes = shape.map((size, i) => ({ id: 'ij'[i] ?? 'k', size }));
  const inputs = Array.from({ length: count }, (_, id): Buffer => ({
    id,
    name: `x${id}`,
    shape,
    element: 'f32',
    role: { kind: 'input', input: 'input' },
  }));
  const read = (buffer: number): Expression => ({ kind: 'read', buffer, index: axes.map(at) });
  const program: KernelProgram = {
    name: 'test',
    buffers: [...inputs, { id: count, name: 'y', shape, element: 'f32', role: { kind: 'temporary' } }],
    kernels: [
      {
        kind: 'map',
        name: 'y',
        output: count,
        axes,
        body: body(read),
        origin: { path: '' },
        phase: 'forward',
        fused: [],
      },
    ],
    outputs: [{ name: 'y', buffer: count }],
    updates: [],
  };
  return program;
}

describe('limitReads', () => {
  it('leaves a program alone whose kernels read few buffers', () => {
    const program = programOf(7, [3, 4], (read) =>
      [1, 2, 3, 4, 5, 6].reduce((sum, i) => apply('add', sum, read(i)), read(0)),
    );
    expect(limitReads(program)).toBe(program);
  });

  it('splits a sum of twenty buffers', () => {
    const others = Array.from({ length: 19 }, (_, i) => i + 1);
    const limited = check(
      programOf(20, [3, 4], (read) =>
        others.reduce((sum, i) => apply('multiply', apply('add', sum, read(i)), read(i)), read(0)),
      ),
    );
    expect(limited.kernels.length).toBeLessThanOrEqual(5);
  });

  it('computes a part under the conditions of its place', () => {
    const k = { id: 'k', size: 5 };
    const program = programOf(9, [6, 5], () => {
      const part = Array.from({ length: 9 }, (_, buffer): Expression => ({
        kind: 'read',
        buffer,
        index: [affine(-2, [{ id: 'i', size: 6 }, 1], [k, 1]), at(k)],
      }));
      const product = part
        .slice(1)
        .reduce((left, right) => apply('add', left, right), part[0] ?? { kind: 'number', value: 0 });
      return reduce('sum', [k], guard([inside(affine(-2, [{ id: 'i', size: 6 }, 1], [k, 1]), 6)], product));
    });
    check(program);
  });

  it('splits a concatenation of many tensors', () => {
    const builder = new GraphBuilder('concat');
    const inputs = Array.from({ length: 12 }, (_, i) => builder.input(`x${i}`, 'input', [2, i + 1]));
    builder.output('y', builder.apply('concat', inputs, { axis: 1 }));
    check(lower(builder.finish()));
  });
});
