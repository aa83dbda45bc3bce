// What every element-wise primitive shares: inputs of one shape, one scalar function, the same index everywhere.
import type { Shape } from '../ir/graph.ts';
import type { ScalarFunction } from '../ir/kernel.ts';
import { apply, at } from './expressions.ts';
import { ShapeError, type Operation, type Sample } from './operation.ts';

type None = Record<string, never>;

/** An element-wise primitive of one scalar function. Samples give only what differs from `[3, 4]` inputs in [-2, 2]. */
export function elementwise(
  formula: string,
  fn: ScalarFunction,
  arity: number,
  gradient: Operation<None>['gradient'],
  sample: Partial<Sample<None>> = {},
): Operation<None> {
  return {
    formula,
    shape: sameShape,
    gradient,
    lower: ({ inputs, result }) => result((axes) => apply(fn, ...inputs.map((read) => read(axes.map(at))))),
    samples: [
      { shapes: Array.from({ length: arity }, () => [3, 4]), attributes: {}, ...sample },
      { shapes: Array.from({ length: arity }, () => []), attributes: {}, ...sample },
    ],
  };
}

function sameShape(inputs: readonly Shape[]): Shape {
  const [first = []] = inputs;
  for (const other of inputs) {
    if (other.length !== first.length || other.some((size, i) => size !== first[i])) {
      throw new ShapeError(`[${first.join(', ')}] and [${other.join(', ')}] differ`);
    }
  }
  return first;
}

