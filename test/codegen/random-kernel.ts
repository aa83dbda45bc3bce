// Random kernels for tests of printers: nested reductions, guards around reads that would leave their buffers, shared parts,
// looked-up indices, axes of size 1. Every number that they meet stays small and finite.
import type {
  Axis,
  Buffer,
  Condition,
  Expression,
  Index,
  KernelProgram,
  MapKernel,
} from '../../src/ir/stages/type.ts';
import {
  affine,
  apply,
  at,
  guard,
  inside,
  number,
  position,
  quotient,
  reduce,
} from '../../src/ops/expressions.ts';
import { rangeOf, sizesOf } from '../../src/ir/stages/index-range.ts';

const sizes = [1, 2, 3, 4, 5];
// Functions that every JavaScript computes alike: a comparison of two values must not turn on their last bits.
const unary = ['negate', 'sin', 'cos', 'abs', 'sign'] as const;
const binary = ['add', 'subtract', 'multiply', 'minimum', 'maximum', 'less', 'less_equal'] as const;
const inputs = [[4], [3, 4], [2, 3, 2], [5], [1, 3], []] as const;
const ids = inputs.length;

/** A program of one kernel over inputs x0, x1, …, the last of which holds whole numbers below 4. */
export function randomProgram(random: () => number): KernelProgram {
  return new Generator(random).program();
}

class Generator {
  private axes = 0;
  /** Parts that may be used again, with the axes that must be in scope. */
  private readonly parts: { readonly expression: Expression; readonly scope: readonly Axis[] }[] = [];

  constructor(private readonly random: () => number) {}

  program(): KernelProgram {
    const shape = Array.from({ length: this.below(4) }, () => this.pick(sizes));
    const axes = shape.map((size) => this.axis(size));
    const buffers: Buffer[] = [
      ...inputs.map((each, id): Buffer => ({
        id,
        name: `x${id}`,
        shape: each,
        element: 'f32',
        role: { kind: 'input', input: 'input' },
      })),
      { id: ids, name: 'ids', shape: [3], element: 'f32', role: { kind: 'input', input: 'input' } },
      { id: ids + 1, name: 'y', shape, element: 'f32', role: { kind: 'temporary' } },
    ];
    const kernel: MapKernel = {
      kind: 'map',
      name: 'y',
      output: ids + 1,
      axes,
      body: this.expression(axes, 5),
      origin: { path: '' },
      phase: 'forward',
      fused: [],
    };
    return {
      name: 'random',
      buffers,
      kernels: [kernel],
      outputs: [{ name: 'y', buffer: ids + 1 }],
      updates: [],
    };
  }

  private expression(scope: readonly Axis[], depth: number): Expression {
    const made = this.made(scope, depth);
    if (depth < 5) this.parts.push({ expression: made, scope });
    return made;
  }

  private made(scope: readonly Axis[], depth: number): Expression {
    const again = this.parts.filter((part) => part.scope.every((axis) => scope.includes(axis)));
    if (again.length > 0 && this.random() < 0.15) return this.pick(again).expression;
    const choice = this.below(depth <= 0 ? 3 : 9);
    switch (choice) {
      case 0:
        return number(Math.round(this.random() * 8 - 4) / 2);
      case 1:
        return this.read(scope);
      case 2:
        return position(this.index(scope));
      case 3:
      case 4:
        return apply(this.pick(binary), this.expression(scope, depth - 1), this.expression(scope, depth - 1));
      case 5:
        return apply(this.pick(unary), this.expression(scope, depth - 1));
      case 6:
        return apply(
          'select',
          apply('less', this.read(scope), number(0)),
          this.expression(scope, depth - 1),
          this.pick([number(0), this.expression(scope, depth - 1)]),
        );
      default:
        return this.reduce(scope, depth);
    }
  }

  private reduce(scope: readonly Axis[], depth: number): Expression {
    const axes = Array.from({ length: 1 + this.below(2) }, () => this.axis(this.pick(sizes)));
    const inner = [...scope, ...axes];
    const value =
      this.random() < 0.4
        ? apply('multiply', this.read(inner), this.read(inner))
        : this.expression(inner, depth - 1);
    return reduce(this.pick(['sum', 'sum', 'max', 'argmax'] as const), axes, value);
  }

  /** A read, under the conditions that keep it inside. */
  private read(scope: readonly Axis[]): Expression {
    const buffer = this.below(inputs.length);
    const conditions: Condition[] = [];
    const known = sizesOf(scope);
    const index = (inputs[buffer] ?? []).map((size): Index | Expression => {
      if (this.random() < 0.1) return this.lookUp(scope);
      let found = this.index(scope);
      if (this.random() < 0.3) {
        const divisor = this.pick([2, 3]);
        if (this.random() < 0.5) conditions.push({ kind: 'divisible', index: found, modulus: divisor });
        found = quotient(found, divisor);
      }
      const { low, high } = rangeOf(found, known, []);
      if (low < 0 || high >= size) conditions.push(inside({ ...found, divisor: 1 }, size * found.divisor));
      return found;
    });
    return guard(conditions, { kind: 'read', buffer, index }, this.pick([0, 0, -1.5]));
  }

  private lookUp(scope: readonly Axis[]): Expression {
    const axis = scope.find(({ size }) => size <= 3);
    return { kind: 'read', buffer: ids, index: [axis ? at(axis) : affine(this.below(3))] };
  }

  private index(scope: readonly Axis[]): Index {
    const terms = scope
      .filter(() => this.random() < 0.5)
      .map((axis) => [axis, this.pick([1, 1, 2, -1])] as const);
    return affine(this.below(4) - 1, ...terms);
  }

  private axis(size: number): Axis {
    return { id: `a${this.axes++}`, size };
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  private pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}
