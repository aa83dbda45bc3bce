// Builds the linear form of kernels.
import { accumulator, type Buffer, type BufferId, type Expression } from '../stages/type.ts';
import type { Index, KernelProgram, MapKernel } from '../stages/type.ts';
import { atomPosition, combine, positionOf, rowMajor } from './position.ts';
import type { Condition, Formula, Computation, Position } from './type.ts';
import { elementCount } from '../../runtime/tensor.ts';

/** How a builder reads indices and expressions. */
export interface Reading {
  /** How an index is written. */
  readonly index: (index: Index) => Position;
  /** Whether indices along axes of size one are dropped: they can only be 0. */
  readonly skipsUnits: boolean;
  /** Replaces an expression; undefined where it is read as usual. */
  readonly instead?: (expression: Expression) => Formula | undefined;
}

/** Every index unsimplified. */
const plain: Reading = { index: positionOf, skipsUnits: false };

/** Reads of an epilogue: the contraction's sum is `given`. */
const epilogue: Reading = {
  ...plain,
  instead: (expression) =>
    expression.kind === 'read' && expression.buffer === accumulator
      ? { kind: 'given', name: 'sum' }
      : undefined,
};

/** A program's buffers by id, and its kernels in linear form. */
export class Buffers {
  private readonly byId: ReadonlyMap<BufferId, Buffer>;

  constructor({ buffers }: Pick<KernelProgram, 'buffers'>) {
    this.byId = new Map(buffers.map((buffer) => [buffer.id, buffer]));
  }

  get(id: BufferId): Buffer {
    const found = this.byId.get(id);
    if (!found) throw new Error(`no buffer ${id}`);
    return found;
  }

  /** The root buffer, which owns the storage: a position in an alias is the same position in it. */
  owner(id: BufferId): BufferId {
    return this.get(id).alias ?? id;
  }

  elements(id: BufferId): number {
    return elementCount(this.get(id).shape);
  }

  computation(kernel: MapKernel): Computation {
    const { axes, body } = kernel;
    const output = { buffer: this.owner(kernel.output), position: rowMajor(axes) };
    return { kernel, axes, output, formula: this.formula(body) };
  }

  /** The formula of an epilogue, in which the contraction's sum is `given`. */
  epilogue(expression: Expression): Formula {
    return this.formula(expression, epilogue);
  }

  formula(expression: Expression, reading = plain): Formula {
    const own = reading.instead?.(expression);
    if (own) return own;
    const inner = (operand: Expression) => this.formula(operand, reading);
    switch (expression.kind) {
      case 'number':
        return expression;
      case 'position':
        return { kind: 'position', position: reading.index(expression.index) };
      case 'read':
        return this.read(expression, reading);
      case 'apply':
        return { ...expression, operands: expression.operands.map(inner) };
      case 'guard': {
        const conditions = expression.conditions.map(({ index, ...rest }): Condition => ({
          ...rest,
          position: reading.index(index),
        }));
        return { ...expression, conditions, value: inner(expression.value) };
      }
      case 'reduce':
        return { ...expression, value: inner(expression.value) };
      case 'random': {
        const { kind, key, site, index } = expression;
        return { kind, key: this.owner(key), site, position: reading.index(index) };
      }
      default:
        return expression satisfies never;
    }
  }

  private read({ buffer, index }: Expression & { readonly kind: 'read' }, reading: Reading): Formula {
    const { shape, name } = this.get(buffer);
    let stride = 1;
    const parts = shape.toReversed().flatMap((size, i): readonly (readonly [Position, number])[] => {
      const each = index[shape.length - 1 - i];
      if (!each) throw new Error(`a read of ${name} lacks an index`);
      const factor = stride;
      stride *= size;
      if (size === 1 && reading.skipsUnits) return [];
      if (!('kind' in each)) return [[reading.index(each), factor]];
      return [[atomPosition({ kind: 'lookup', value: this.formula(each, reading), size }), factor]];
    });
    return { kind: 'read', buffer: this.owner(buffer), position: combine(parts.toReversed()) };
  }
}
