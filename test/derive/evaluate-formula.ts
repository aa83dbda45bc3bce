// Formulas over arrays in float64, by themselves: sums, products and numbers here; a primitive by running a graph of it alone.
import { GraphBuilder } from '../../src/graph/builder.ts';
import { interpret } from '../../src/ir/stages/interpret.ts';
import { lower } from '../../src/kernel/lower.ts';
import type { Formula, Position } from '../../src/derive/formula.ts';
import type { Loop } from '../../src/derive/roll.ts';

/** What the names stand for, as a whole or at the positions of a scan. */
export class Symbols {
  private readonly values: Map<string, Float64Array>;

  constructor(known: ReadonlyMap<string, Float64Array>) {
    this.values = new Map(known);
  }

  /** A name is defined once. */
  define(name: string, value: Float64Array, position?: number): void {
    const key = keyOf(name, position);
    if (this.values.has(key)) throw new Error(`${key} is defined twice`);
    this.values.set(key, value);
  }

  has(name: string, position?: number): boolean {
    return this.values.has(keyOf(name, position));
  }

  find(name: string, position?: number): Float64Array {
    const found = this.values.get(keyOf(name, position));
    if (!found) throw new Error(`${keyOf(name, position)} is read before it is defined`);
    return found;
  }
}

function keyOf(name: string, position?: number): string {
  return position === undefined ? name : `${name} at ${position}`;
}

/** Every position in turn: before the first are the states' first values, beyond the last the derivatives are zero. */
export function evaluateLoop({ lines, apart, count, descending, starts }: Loop, symbols: Symbols): void {
  for (const { name, formula } of starts) symbols.define(name, evaluate(formula, symbols), 0);
  const positions = Array.from({ length: count }, (_, i) => (descending ? count - i : i + 1));
  // whatever stands beyond the last position, it is multiplied by the derivatives there
  for (const { name, formula } of lines)
    symbols.define(name, new Float64Array(sizeOf(formula.shape)).fill(descending ? 0 : 1), count + 1);
  for (const { name, formula } of apart) symbols.define(name, evaluate(formula, symbols), count);
  for (const position of apart.length > 0 ? positions.slice(1) : positions)
    for (const { name, formula } of lines)
      symbols.define(name, evaluate(formula, symbols, position), position);
  for (const { name, stacked } of lines) {
    if (!stacked) continue;
    const rows = positions.toSorted((a, b) => a - b).map((position) => symbols.find(name, position));
    symbols.define(name, stack(rows, stacked.shape, stacked.axis));
  }
}

function stack(rows: readonly Float64Array[], shape: readonly number[], axis: number): Float64Array {
  const inner = sizeOf(shape.slice(axis + 1));
  return Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
    const [outer, row] = [Math.floor(i / (inner * rows.length)), Math.floor(i / inner) % rows.length];
    return rows[row]?.[outer * inner + (i % inner)] ?? NaN;
  });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function positionIn(position: Position, turn: number | undefined): number {
  if ('at' in position) return position.at;
  if (turn === undefined) throw new Error('a step outside of a loop');
  return turn + position.step;
}

/** @param turn the position that a loop is at */
export function evaluate(formula: Formula, symbols: Symbols, turn?: number): Float64Array {
  const count = sizeOf(formula.shape);
  switch (formula.kind) {
    case 'symbol': {
      const { name, position } = formula;
      const found = symbols.find(name, position && positionIn(position, turn));
      if (found.length !== count) throw new Error(`${name} has another shape`);
      return found;
    }
    case 'row': {
      const whole = evaluate(formula.of, symbols, turn);
      const { shape } = formula.of;
      const inner = sizeOf(shape.slice(formula.axis + 1));
      const length = shape[formula.axis] ?? 0;
      const row = positionIn(formula.position, turn) - 1;
      if (row === length && 'step' in formula.position) return new Float64Array(count);
      if (!(row >= 0 && row < length)) throw new Error(`row ${row + 1} of ${length}`);
      return Float64Array.from(
        { length: count },
        (_, i) => whole[(Math.floor(i / inner) * length + row) * inner + (i % inner)] ?? NaN,
      );
    }
    case 'over': {
      const total = new Float64Array(count);
      for (let position = formula.first; position <= formula.last; position++)
        evaluate(formula.body, symbols, position).forEach(
          (value, i) => (total[i] = (total[i] ?? NaN) + value),
        );
      return total;
    }
    case 'number':
      return new Float64Array(count).fill(formula.value);
    case 'sum': {
      const terms = formula.terms.map((term) => evaluate(term, symbols, turn));
      return Float64Array.from({ length: count }, (_, i) =>
        terms.reduce((total, term) => total + (term[i] ?? NaN), 0),
      );
    }
    case 'product': {
      const [factors, divisors] = [formula.factors, formula.divisors].map((list) =>
        list.map((each) => evaluate(each, symbols, turn)),
      );
      return Float64Array.from({ length: count }, (_, i) => {
        const over = (factors ?? []).reduce((total, each) => total * (each[i] ?? NaN), formula.coefficient);
        return (divisors ?? []).reduce((total, each) => total / (each[i] ?? NaN), over);
      });
    }
    case 'apply': {
      const builder = new GraphBuilder('primitive');
      const operands = formula.operands.map(({ shape }, i) => builder.input(`x${i}`, 'input', shape));
      builder.output('y', builder.apply(formula.operation, operands, formula.attributes));
      const inputs = new Map(formula.operands.map((each, i) => [`x${i}`, evaluate(each, symbols, turn)]));
      const random = new Map([['random_key', [1, 2, 3, 4, 5, 6]]]);
      const given = { inputs: new Map<string, ArrayLike<number>>([...inputs, ...random]), stored: new Map() };
      return interpret(lower(builder.finish()), given).outputs.get('y') ?? new Float64Array();
    }
  }
}
