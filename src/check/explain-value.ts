// Explains why one element of a kernel's output is not finite: the innermost operation whose result is not finite although its operands
// are finite, or intended infinities. Evaluated in float64, rounded where a buffer would round.
import type { Axis, BufferId, Condition, Expression, Index } from '../ir/stages/type.ts';
import { scalar } from '../ir/scalar.ts';
import { uniform } from '../runtime/random.ts';

/** An operation, its operands and its result. */
export interface Culprit {
  /** A scalar function's name; `sum` or `max` for a reduction; `value` if rounding to float32 overflows. */
  readonly operation: string;
  readonly operands: readonly number[];
  readonly result: number;
}

export interface Reads {
  shapeOf(buffer: BufferId): readonly number[];
  valuesOf(buffer: BufferId): ArrayLike<number>;
}

/** @param positions of the element, by the ids of the kernel's axes */
export function explainValue(
  expression: Expression,
  positions: ReadonlyMap<string, number>,
  reads: Reads,
): Culprit | undefined {
  const evaluator = new Evaluator(new Map(positions), reads);
  const result = evaluator.evaluate(expression);
  if (evaluator.culprit) return evaluator.culprit;
  // no operation is the cause: the value is finite in float64, but not in float32
  const fits = Number.isFinite(Math.fround(result)) || !Number.isFinite(result);
  if (fits) return undefined;
  return { ...evaluator.describe(expression), result: Math.fround(result) };
}

class Evaluator {
  culprit: Culprit | undefined;

  constructor(
    private readonly positions: Map<string, number>,
    private readonly reads: Reads,
  ) {}

  evaluate(expression: Expression): number {
    switch (expression.kind) {
      case 'number':
        return expression.value;
      case 'position':
        return this.#index(expression.index);
      case 'read':
        return this.#read(expression.buffer, expression.index);
      case 'apply': {
        const operands = expression.operands.map((operand) => this.evaluate(operand));
        const [a = 0, b = 0, c = 0] = operands;
        const result = scalar[expression.function](a, b, c);
        // the NaN is propagated from an operand
        const inherited = operands.some((operand) => Number.isNaN(operand));
        const passed = !Number.isNaN(result) && operands.some((operand) => !Number.isFinite(operand));
        if (!Number.isFinite(result) && !inherited && !passed)
          this.culprit ??= { operation: expression.function, operands, result };
        return result;
      }
      case 'guard':
        return expression.conditions.every((condition) => this.#holds(condition))
          ? this.evaluate(expression.value)
          : expression.otherwise;
      case 'reduce':
        return this.#reduce(expression);
      case 'random':
        return uniform(this.reads.valuesOf(expression.key), expression.site, this.#index(expression.index));
      default:
        return expression satisfies never;
    }
  }

  /** The outermost operation with the values of its operands. */
  describe(expression: Expression): Omit<Culprit, 'result'> {
    if (expression.kind === 'apply')
      return {
        operation: expression.function,
        operands: expression.operands.map((operand) => this.evaluate(operand)),
      };
    if (expression.kind === 'reduce') return { operation: expression.reducer, operands: [] };
    return expression.kind === 'guard'
      ? this.describe(expression.value)
      : { operation: 'value', operands: [] };
  }

  #reduce({ reducer, axes, value }: Extract<Expression, { kind: 'reduce' }>): number {
    let sum = 0;
    let best = -Infinity;
    let at = 0;
    let infinite = false as boolean;
    let i = 0;
    this.#walk(axes, 0, () => {
      const element = this.evaluate(value);
      infinite ||= !Number.isFinite(element);
      sum += element;
      if (element > best) at = i;
      best = Math.max(best, element);
      i++;
    });
    if (reducer === 'argmax') return at;
    const result = reducer === 'sum' ? sum : best;
    if (!Number.isFinite(result) && !infinite) this.culprit ??= { operation: reducer, operands: [], result };
    return result;
  }

  #walk(axes: readonly Axis[], depth: number, visit: () => void): void {
    const axis = axes[depth];
    if (!axis) return visit();
    for (let i = 0; i < axis.size; i++) {
      this.positions.set(axis.id, i);
      this.#walk(axes, depth + 1, visit);
    }
  }

  #read(buffer: BufferId, index: readonly (Index | Expression)[]): number {
    const shape = this.reads.shapeOf(buffer);
    let place = 0;
    index.forEach((each, i) => {
      const size = shape[i] ?? 1;
      const along = 'kind' in each ? clamp(this.evaluate(each), size) : this.#index(each);
      place = place * size + along;
    });
    return this.reads.valuesOf(buffer)[place] ?? NaN;
  }

  #holds(condition: Condition): boolean {
    const value = this.#index(condition.index);
    return condition.kind === 'divisible'
      ? value % condition.modulus === 0
      : value >= 0 && value < condition.limit;
  }

  #index({ constant, terms, divisor }: Index): number {
    const sum = terms.reduce(
      (total, { axis, factor }) => total + factor * (this.positions.get(axis) ?? 0),
      constant,
    );
    return Math.floor(sum / divisor);
  }
}

function clamp(value: number, size: number): number {
  return value > 0 ? Math.min(Math.trunc(value), size - 1) : 0;
}
