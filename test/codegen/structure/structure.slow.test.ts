// Kernels as statements, seen through the code that is printed of them.
import { describe, expect, it } from 'vitest';
import { printKernel } from '../../../src/codegen/gpujs/kernel.ts';
import { Names } from '../../../src/codegen/names.ts';
import { interpret } from '../../../src/ir/stages/interpret.ts';
import type { Axis, Buffer, Expression, KernelProgram } from '../../../src/ir/stages/type.ts';
import { verifyKernels } from '../../../src/ir/stages/verify.ts';
import { affine, apply, at, guard, inside, number, reduce } from '../../../src/ops/expressions.ts';
import { numbersFrom } from '../../ops/tensors.ts';
import { helperNames } from '../../../src/codegen/gpujs/helpers.ts';
import { functionFrom, helperInScope } from '../gpujs/run-kernels.ts';
import { randomProgram } from '../random-kernel.ts';

const i: Axis = { id: 'i', size: 4 };
const j: Axis = { id: 'j', size: 6 };
const k: Axis = { id: 'k', size: 5 };

/** Statements of a kernel that reads x [4, 6], m [4], w [6, 5] and ids [4]. */
function statements(axes: readonly Axis[], body: Expression): string {
  const shapes = { x: [4, 6], m: [4], w: [6, 5], ids: [4] };
  const inputs = Object.entries(shapes).map(([name, shape], id): Buffer => ({
    id,
    name,
    shape,
    element: 'f32',
    role: { kind: 'input', input: 'input' },
  }));
  const shape = axes.map((axis) => axis.size);
  const program: KernelProgram = {
    name: 'test',
    buffers: [...inputs, { id: 4, name: 'y', shape, element: 'f32', role: { kind: 'temporary' } }],
    kernels: [
      { kind: 'map', name: 'y', output: 4, axes, body, origin: { path: '' }, phase: 'forward', fused: [] },
    ],
    outputs: [{ name: 'y', buffer: 4 }],
    updates: [],
  };
  verifyKernels(program);
  const [kernel] = program.kernels;
  return kernel ? `\n${printKernel(kernel, program, new Names()).body}` : '';
}

const x = (...index: Parameters<typeof at>): Expression => ({
  kind: 'read',
  buffer: 0,
  index: [at(i), at(...index)],
});
const m: Expression = { kind: 'read', buffer: 1, index: [at(i)] };
const w = (column: Axis): Expression => ({ kind: 'read', buffer: 2, index: [at(j), at(column)] });

describe('statements', () => {
  it('count through one axis where a kernel is element-wise', () => {
    expect(statements([i, j], apply('maximum', x(j), number(0)))).toBe(`
  const i_j = this.thread.x;
  return Math.max(x[i_j], 0);
`);
  });

  it('take what does not change out of loops', () => {
    const scaled = apply('exp', apply('subtract', x(j), apply('log', m)));
    expect(statements([i], reduce('sum', [j], scaled))).toBe(`
  const i = this.thread.x;
  const logarithm = Math.log(m[i]);
  let sum = 0;
  for (let j = 0; j < 6; j++) {
    sum += Math.exp(x[i * 6 + j] - logarithm);
  }
  return sum;
`);
  });

  it('compute equal reductions once, whatever their axes are called', () => {
    const other: Axis = { id: 'n', size: 6 };
    const [one, same] = [j, other].map((axis) => reduce('sum', [axis], apply('exp', x(axis))));
    if (!one || !same) throw new Error('no reductions');
    const ratio = apply('divide', apply('multiply', one, same), apply('add', m, m));
    expect(statements([i], ratio)).toBe(`
  const i = this.thread.x;
  let sum = 0;
  for (let j = 0; j < 6; j++) {
    sum += Math.exp(x[i * 6 + j]);
  }
  const m_here = m[i];
  return sum * sum / (m_here + m_here);
`);
  });

  it('ask conditions where their axes are known, and read only where they hold', () => {
    const place = affine(-1, [j, 1], [k, 1]);
    const padded = guard([inside(place, 6), inside(affine(1, [i, 1], [k, -1]), 4)], {
      kind: 'read',
      buffer: 0,
      index: [affine(1, [i, 1], [k, -1]), place],
    });
    expect(statements([i, j], reduce('sum', [k], apply('multiply', padded, w(k))))).toBe(`
  const i = quotient(this.thread.x, 6);
  const j = remainder(this.thread.x, 6);
  let sum = 0;
  for (let k = 0; k < 5; k++) {
    const j_place = j + k - 1;
    const i_place = i + 1 - k;
    if (j_place >= 0 && j_place < 6 && i_place >= 0 && i_place < 4) {
      sum += x[i_place * 6 + j_place] * w[j * 5 + k];
    }
  }
  return sum;
`);
  });

  it('add up the place of a label, not products with zero', () => {
    const label: Expression = { kind: 'read', buffer: 3, index: [at(i)] };
    const picked = apply('multiply', apply('equal', label, { kind: 'position', index: at(j) }), x(j));
    expect(statements([i], reduce('sum', [j], picked))).toBe(`
  const i = this.thread.x;
  const ids_here = ids[i];
  let sum = 0;
  for (let j = 0; j < 6; j++) {
    if (ids_here === j) {
      sum += x[i * 6 + j];
    }
  }
  return sum;
`);
  });

  it('look a row up, and find the first of the greatest', () => {
    const row: Expression = { kind: 'read', buffer: 3, index: [at(i)] };
    const looked: Expression = { kind: 'read', buffer: 0, index: [row, at(j)] };
    expect(statements([i], reduce('argmax', [j], looked))).toBe(`
  const i = this.thread.x;
  const id = Math.min(Math.max(ids[i], 0), 3);
  let largest = -Infinity;
  let place = 0;
  for (let j = 0; j < 6; j++) {
    const candidate = x[id * 6 + j];
    if (largest < candidate) {
      largest = candidate;
      place = j;
    }
  }
  return place;
`);
  });

  it('keep the grouping of sums and differences', () => {
    const [a, b] = [m, number(-2)];
    const grouped = apply(
      'subtract',
      apply('add', a, b),
      apply('subtract', x(i), apply('negate', apply('negate', m))),
    );
    expect(statements([i], grouped)).toContain('return m_here - 2 - (x[i * 7] - -(-m_here));');
  });

  it('write small powers as products and roots', () => {
    const sum = apply('add', apply('power', m, number(2)), apply('power', x(i), number(-0.5)));
    expect(statements([i], sum)).toContain('return m_here * m_here + 1 / Math.sqrt(x[i * 7]);');
  });
});

/** An array that throws where it is read outside. */
function checked(values: readonly number[]): readonly number[] {
  return new Proxy(values, {
    get(target, index) {
      if (!Object.hasOwn(target, index)) throw new Error(`read at ${String(index)} of ${target.length}`);
      return target[Number(index)];
    },
  });
}

describe('random kernels', () => {
  const helpers = helperNames.map((name) => helperInScope(name));

  it('give element for element what the interpreter gives', () => {
    for (let seed = 1; seed <= 400; seed++) {
      const random = numbersFrom(seed);
      const program = randomProgram(random);
      const given = program.buffers.flatMap(({ name, shape, role }) => {
        const value = () =>
          name === 'ids' ? Math.floor(random() * 4) : Math.round(random() * 400 - 200) / 100;
        const length = shape.reduce((product, size) => product * size, 1);
        return role.kind === 'input' ? [[name, Array.from({ length }, value)] as const] : [];
      });
      const expected = interpret(program, { inputs: new Map(given), stored: new Map() }).outputs.get('y');
      const [kernel] = program.kernels;
      if (!kernel || !expected) throw new Error('no kernel');
      const { parameters, body, reads } = printKernel(kernel, program, new Names());
      const text = `function make(${helperNames.join(', ')}) {\n return function (${parameters.join(', ')}): number {\n${body}};\n}`;
      const run = functionFrom<(...helpers: unknown[]) => (...reads: unknown[]) => number>(
        text,
        'make',
      )(...helpers);
      const arrays = reads.map((id) => checked(new Map(given).get(program.buffers[id]?.name ?? '') ?? []));
      expected.forEach((value, at) => {
        const found = run.call({ thread: { x: at } }, ...arrays);
        const off = Math.abs(found - value) / Math.max(1, Math.abs(value));
        expect(
          Number.isFinite(value) ? off : Number(found !== value),
          `seed ${seed}, element ${at}: ${found} for ${value}\n${body}`,
        ).toBeLessThan(1e-9);
      });
    }
  });
});
