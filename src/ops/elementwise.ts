// The common part of element-wise primitives: inputs of one shape, one scalar expression, the same index everywhere.
import type { Shape } from '../ir/graph/type.ts';
import type { Expression, ScalarFunction } from '../ir/stages/type.ts';
import { apply, at } from './expressions.ts';
import { ShapeError, type Operation, type Sample } from './operation.ts';
import { equalShapes, showShape } from './shapes.ts';

type None = Record<string, never>;

/** An element-wise primitive. Samples say only what differs from the default, inputs in [-2, 2]. */
export function elementwise(
  formula: string,
  body: ScalarFunction | ((...operands: readonly Expression[]) => Expression),
  arity: number,
  gradient: Operation<None>['gradient'],
  sample: Partial<Sample<None>> = {},
): Operation<None> {
  const compute =
    typeof body === 'string' ? (...operands: readonly Expression[]) => apply(body, ...operands) : body;
  return {
    formula,
    shape: sameShape,
    gradient,
    lower: ({ inputs, result }) => result((axes) => compute(...inputs.map((read) => read(axes.map(at))))),
    samples: [
      { shapes: Array.from({ length: arity }, () => [3, 4]), attributes: {}, ...sample },
      { shapes: Array.from({ length: arity }, () => []), attributes: {}, ...sample },
    ],
  };
}

function sameShape(inputs: readonly Shape[]): Shape {
  const [first = []] = inputs;
  for (const other of inputs) {
    if (!equalShapes(first, other))
      throw new ShapeError(`${showShape(first)} and ${showShape(other)} differ`);
  }
  return first;
}
