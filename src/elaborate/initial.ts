// A declared tensor's initial value: an expression over numbers, generators and initializers becomes an Initializer of its shape. `eye(C)
// * ones(k, k)` is aligned with the declared dimensions by name.
import { elementCount, showShape } from '../runtime/tensor.ts';
import type { Expression } from '../parser/ast.ts';
import type { Shape } from '../ir/graph/type.ts';
import type { Initializer } from '../runtime/specification.ts';
import { bindHyperParameters } from './call.ts';
import type { Context, Environment } from './context.ts';
import { generatorOf } from './values/generators.ts';
import { Scope } from './scope.ts';
import { sourceText } from './values/types.ts';
import {
  describe,
  type Generator,
  type GeneratorDimension,
  type Label,
  type Value,
} from './values/values.ts';

/** Evaluates a declaration's `= expression`. */
export function initialize(
  context: Context,
  expression: Expression,
  shape: Shape,
  labels: readonly Label[],
  environment: Environment,
): Initializer {
  const value = resolve(context, context.evaluate(expression, environment), shape, environment);
  if (value.kind === 'poison') context.abandon();
  const generator = generatorOf(value);
  if (!generator) return context.fail('initializer.value', expression.span, { found: describe(value) });
  const settled = settle(generator, shape, labels);
  if (settled) return settled;
  const found = `\`${sourceText(expression)}\``;
  return context.fail('initializer.shape', expression.span, { found, shape: showShape(shape) });
}

/** Fan-in and fan-out of a weight [out, in, window…], as in PyTorch; for a vector both are its length. */
export function fans(shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  const [outputs = 1, inputs = outputs, ...window] = shape;
  const field = elementCount(window);
  return { fanIn: inputs * field, fanOut: outputs * field };
}

/** A named initializer (`he`, `normal(0.02)`) applied to the fans of the shape. */
function resolve(context: Context, value: Value, shape: Shape, environment: Environment): Value {
  if (value.kind !== 'definition' || value.definition.kind !== 'initializer') return value;
  const scope = new Scope(value.module);
  const inner: Environment = { scope, frame: environment.frame };
  const { fanIn, fanOut } = fans(shape);
  return context.within({ name: value.definition.name.text, span: value.span, path: '' }, () => {
    bindHyperParameters(context, value, inner);
    const given = [fanIn, fanOut];
    value.definition.inputs.forEach((parameter, i) => {
      scope.bind(parameter.name.text, {
        value: { kind: 'number', value: given[i] ?? 1 },
        span: parameter.span,
      });
    });
    return resolve(
      context,
      context.run(value.definition.body, inner, undefined).value ?? { kind: 'none' },
      shape,
      inner,
    );
  });
}

function settle(generator: Generator, shape: Shape, labels: readonly Label[]): Initializer | undefined {
  switch (generator.kind) {
    case 'normal':
    case 'uniform':
    case 'orthogonal':
      return generator;
    case 'fill':
      if (generator.dimensions && !lineUp(generator.dimensions, shape, labels)) return undefined;
      return { kind: 'fill', value: generator.value };
    case 'iota': {
      const axes = lineUp(generator.dimensions, shape, labels);
      return axes?.[0] === undefined ? undefined : { kind: 'iota', axis: axes[0] };
    }
    case 'eye': {
      const axes = generator.dimensions ? lineUp(generator.dimensions, shape, labels) : [0, 1];
      const [row, column] = axes ?? [];
      return row === undefined || column === undefined || shape.length < 2
        ? undefined
        : { kind: 'eye', axes: [row, column] };
    }
    case 'unary': {
      const operand = settle(generator.operand, shape, labels);
      return operand && { ...generator, operand };
    }
    case 'binary': {
      const left = settle(generator.left, shape, labels);
      const right = settle(generator.right, shape, labels);
      return left && right && { ...generator, left, right };
    }
  }
}

/** The consecutive declared axes with the same names and sizes; else the last axes, if their sizes are the same. */
function lineUp(
  dimensions: readonly GeneratorDimension[],
  shape: Shape,
  labels: readonly Label[],
): number[] | undefined {
  const starts = Array.from({ length: shape.length - dimensions.length + 1 }, (_, i) => i);
  const sized = starts.filter((start) => dimensions.every(({ size }, i) => size === shape[start + i]));
  const named = sized.find((start) =>
    dimensions.every(({ label }, i) => label !== undefined && label === labels[start + i]),
  );
  const start = named ?? sized.at(-1);
  return start === undefined ? undefined : dimensions.map((_, i) => start + i);
}
