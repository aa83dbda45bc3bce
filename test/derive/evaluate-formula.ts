// Formulas over arrays in float64, by themselves: sums, products and numbers here; a primitive by running a graph of it alone.
import { GraphBuilder } from '../../src/graph/builder.ts';
import { interpret } from '../../src/ir/interpret.ts';
import { lower } from '../../src/kernel/lower.ts';
import type { Formula } from '../../src/derive/formula.ts';

export function evaluate(formula: Formula, symbols: ReadonlyMap<string, Float64Array>): Float64Array {
  const count = formula.shape.reduce((product, size) => product * size, 1);
  switch (formula.kind) {
    case 'symbol': {
      const found = symbols.get(formula.name);
      if (found?.length !== count) throw new Error(`${formula.name} has no value of this shape`);
      return found;
    }
    case 'number':
      return new Float64Array(count).fill(formula.value);
    case 'sum': {
      const terms = formula.terms.map((term) => evaluate(term, symbols));
      return Float64Array.from({ length: count }, (_, i) =>
        terms.reduce((total, term) => total + (term[i] ?? NaN), 0),
      );
    }
    case 'product': {
      const [factors, divisors] = [formula.factors, formula.divisors].map((list) =>
        list.map((each) => evaluate(each, symbols)),
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
      const inputs = new Map(formula.operands.map((each, i) => [`x${i}`, evaluate(each, symbols)]));
      const random = new Map([['random_key', [1, 2, 3, 4, 5, 6]]]);
      const given = { inputs: new Map<string, ArrayLike<number>>([...inputs, ...random]), stored: new Map() };
      return interpret(lower(builder.finish()), given).outputs.get('y') ?? new Float64Array();
    }
  }
}
