// Undoes the split of an axis i into i₁ and i₂: i₁ becomes ⌊i / n⌋, i₂ becomes i mod n. An index can hold i or ⌊i / n⌋, but i mod n is
// only ever a number (a position): this succeeds where i₂ alone only says which of n positions this is, as in a pooling window. The
// kernel computes the same values.
import type { Axis, Condition, Expression, Index, MapKernel } from '../../ir/stages/type.ts';
import { mapOperands } from '../../ir/stages/walk.ts';
import { apply, number } from '../../ops/expressions.ts';
import { compose } from '../index-algebra.ts';

/** `whole` is split into `first`, the outer axis, and `second`, the inner one. */
export interface SplitAxis {
  readonly whole: Axis;
  readonly first: Axis;
  readonly second: Axis;
}

/** The kernel over the joined axis; undefined where the IR has no form for it. */
export function joinAxes(kernel: MapKernel, split: SplitAxis): MapKernel | undefined {
  const joining = new Joining(split);
  const [body, axes] = [joining.expression(kernel.body), joining.axes(kernel.axes)];
  return joining.failed ? undefined : { ...kernel, axes, body };
}

class Joining {
  failed = false;

  constructor(private readonly split: SplitAxis) {}

  axes(axes: readonly Axis[]): readonly Axis[] {
    const { whole, first, second } = this.split;
    const present = axes.filter(({ id }) => id === first.id || id === second.id).length;
    if (present === 1) this.failed = true;
    return axes.flatMap((axis) => (axis.id === first.id ? [whole] : axis.id === second.id ? [] : [axis]));
  }

  expression(expression: Expression): Expression {
    if (expression.kind === 'position') return this.position(expression.index);
    const inner = mapOperands(
      expression,
      (operand) => this.expression(operand),
      (index) => this.index(index),
    );
    if (inner.kind === 'guard' && !inner.conditions.every(isFormed)) this.failed = true;
    return inner.kind === 'reduce' ? { ...inner, axes: this.axes(inner.axes) } : inner;
  }

  /** c + a·⌊i / n⌋ + b·(i − n·⌊i / n⌋) = (c + b·i) + (a − n·b)·⌊i / n⌋ */
  private position(index: Index): Expression {
    const { whole, first, second } = this.split;
    const joined = this.joined(index);
    if (joined) return { kind: 'position', index: joined };
    if (index.divisor !== 1) return this.fail({ kind: 'position', index });
    const [a, b] = [factorOf(index, first), factorOf(index, second)];
    const others = index.terms.filter(({ axis }) => axis !== first.id && axis !== second.id);
    const near = { ...index, terms: [...others, { axis: whole.id, factor: b }] };
    const factor = a - second.size * b;
    const times = apply('multiply', number(Math.abs(factor)), {
      kind: 'position',
      index: { constant: 0, terms: [{ axis: whole.id, factor: 1 }], divisor: second.size },
    });
    return apply(factor < 0 ? 'subtract' : 'add', { kind: 'position', index: near }, times);
  }

  private index(index: Index): Index {
    return this.joined(index) ?? this.fail(index);
  }

  private joined(index: Index): Index | undefined {
    const { whole, first, second } = this.split;
    const [a, b] = [factorOf(index, first), factorOf(index, second)];
    if (a === 0 && b === 0) return index;
    if (a === second.size * b) {
      const others = index.terms.filter(({ axis }) => axis !== first.id && axis !== second.id);
      return { ...index, terms: [...others, { axis: whole.id, factor: b }] };
    }
    const quotient = { constant: 0, terms: [{ axis: whole.id, factor: 1 }], divisor: second.size };
    return b === 0 ? compose(index, new Map([[first.id, quotient]]), []) : undefined;
  }

  private fail<T>(value: T): T {
    this.failed = true;
    return value;
  }
}

function isFormed(condition: Condition): boolean {
  return condition.kind === 'inside' || condition.index.divisor === 1;
}

function factorOf({ terms }: Index, { id }: Axis): number {
  return terms.reduce((total, { axis, factor }) => (axis === id ? total + factor : total), 0);
}
