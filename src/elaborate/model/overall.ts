// A metric's `overall (a, b) { … }` is elaborated where the metric is applied: on the means of what its body returns. Those are the
// batch's own in the training step, and inputs of the program `metrics`, which works out what was averaged over many batches.
// What leaves is the metric's value, and a record of what is to be averaged for it.
import type { Span } from '../../diagnostics/source.ts';
import type { Definition } from '../../parser/ast.ts';
import { asTensor } from '../values/as-tensor.ts';
import type { Context, Environment, Statistic } from '../context.ts';
import { Scope } from '../scope.ts';
import { describe, exampleShape, poison, type TensorValue, type Value } from '../values/values.ts';

/** The input of the program `metrics` that says over how many examples the means are: no port has such a name. */
export const examplesInput = 'examples.count';

/** @param environment the metric's own scope, with its inputs, hyper-parameters and dimensions */
export function elaborateOverall(
  context: Context,
  definition: Definition,
  environment: Environment,
  call: Span,
  body: Value,
): Value {
  const { overall, name } = definition;
  if (!overall || body.kind === 'poison') return body;
  const owner = name.text;
  const { measured } = context;
  if (measured === undefined || context.depth > 1) return refuseOverall(context, definition, call);
  const returned = body.kind === 'tuple' ? body.items : [body];
  if (returned.some((value) => value.kind === 'poison')) return poison;
  if (returned.length !== overall.inputs.length) {
    const [found, expected] = [returned.length, overall.inputs.length].map((count) =>
      count === 1 ? '1 value' : `${count} values`,
    );
    return context.fail('overall.inputs', overall.span, {
      owner,
      found: found ?? '',
      expected: expected ?? '',
    });
  }
  context.locate(overall.span);
  const statistics = overall.inputs.map((input, i): Statistic => {
    const value = asTensor(context, returned[i] ?? poison, call, owner, input.name.text);
    return { name: input.name.text, value };
  });
  const scope = new Scope(environment.scope.module, environment.scope);
  const means = statistics.map((statistic) => meanOf(context, measured, statistic));
  overall.inputs.forEach((input, i) => {
    scope.bind(input.name.text, { value: means[i] ?? poison, span: input.span });
  });
  const examples = exampleCount(context);
  scope.bind('examples', { value: examples, span: overall.span });
  const { value } = context.run(overall.body, { scope, frame: environment.frame }, means[0]);
  if (value?.kind === 'poison') return poison;
  if (!value) return context.fail('call.no-result', overall.span, { owner });
  if (value.kind === 'tuple' || (value.kind === 'tensor' && value.batched)) {
    const found = value.kind === 'tuple' ? describe(value) : 'a value for each example';
    return context.fail('overall.result', overall.span, { owner, found });
  }
  const result = asTensor(context, value, overall.span, owner, 'the value');
  context.overalls.push({ name: owner, statistics, examples, result });
  return result;
}

/** Where a metric over all examples is wanted of one. */
export function refuseOverall(context: Context, { name, overall }: Definition, span: Span): never {
  const related = overall ? [{ span: overall.span, message: 'its value is computed here' }] : [];
  return context.fail('metric.overall', span, { owner: name.text }, { related });
}

/** The mean over the batch, or an input in its place. */
function meanOf(context: Context, measured: string, { name, value }: Statistic): TensorValue {
  const { builder, batch } = context.tensors;
  const shape = exampleShape(value);
  const { labels } = value;
  if (context.mode.averaged) {
    const leaf = builder.input(statisticName(measured, name), 'input', shape);
    return { kind: 'tensor', node: builder.rename(leaf, name), batched: false, labels };
  }
  if (!value.batched) return value;
  const node = builder.divide(builder.sum(value.node, [0]), builder.constant(batch, shape));
  return { kind: 'tensor', node, batched: false, labels };
}

function exampleCount(context: Context): TensorValue {
  const { builder, batch } = context.tensors;
  const [before] = context.overalls;
  if (before) return before.examples;
  const node = context.mode.averaged
    ? builder.rename(builder.input(examplesInput, 'input', []), 'examples')
    : builder.constant(batch, []);
  return context.tensors.of(node, false);
}

/** What programs call the mean, or an example's value, of one of the things that a metric averages. */
export const statisticName = (metric: string, statistic: string): string =>
  `statistic.${metric}.${statistic}`;
