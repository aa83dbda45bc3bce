// A metric's `overall (a, b) { … }` is elaborated where the metric is applied, on the means of the values returned by its body. The
// training step uses the means of its own batch; the program `metrics` takes means over many batches as inputs. The result is the
// metric's value, and a record of the values to be averaged for it.
import type { Span } from '../../diagnostics/source.ts';
import type { Definition } from '../../parser/ast.ts';
import { asTensor } from '../values/as-tensor.ts';
import type { CallSite, Context, Environment, Statistic } from '../context.ts';
import { Scope } from '../scope.ts';
import { describe, exampleShape, poison, type TensorValue, type Value } from '../values/values.ts';

/** The input of the program `metrics` for the number of examples; no port has such a name. */
export const examplesInput = 'examples.count';

/** @param environment the metric's own scope, with its inputs, hyper-parameters and dimensions */
export function elaborateOverall(
  context: Context,
  definition: Definition,
  environment: Environment,
  { body, site }: { readonly body: Value; readonly site: CallSite },
): Value {
  const { metric } = site.environment;
  const { overall, name } = definition;
  if (!overall || body.kind === 'poison') return body;
  const owner = name.text;
  if (metric === undefined) return refuseOverall(context, definition, site.span);
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
    const value = asTensor(context, returned[i] ?? poison, site.span, owner, input.name.text);
    return { name: input.name.text, value };
  });
  const scope = new Scope(environment.scope.module, environment.scope);
  const means = statistics.map((statistic) => meanOf(context, metric, statistic));
  overall.inputs.forEach((input, i) => {
    scope.bind(input.name.text, { value: means[i] ?? poison, span: input.span });
  });
  const examples = exampleCount(context);
  scope.bind('examples', { value: examples, span: overall.span });
  const covariances = new Covariances(context, metric, statistics, means);
  const { value } = covariances.within(() =>
    context.run(overall.body, { scope, frame: environment.frame }, means[0]),
  );
  if (value?.kind === 'poison') return poison;
  if (!value) return context.fail('call.no-result', overall.span, { owner });
  if (value.kind === 'tuple' || (value.kind === 'tensor' && value.batched)) {
    const found = value.kind === 'tuple' ? describe(value) : 'a value for each example';
    return context.fail('overall.result', overall.span, { owner, found });
  }
  const result = asTensor(context, value, overall.span, owner, 'the value');
  context.trace.overalls.push({
    name: owner,
    statistics: [...statistics, ...covariances.found.values()],
    examples,
    result,
  });
  return result;
}

/** Reports a metric over all examples where one per example is wanted. */
export function refuseOverall(context: Context, { name, overall }: Definition, span: Span): never {
  const related = overall ? [{ span: overall.span, message: 'its value is computed here' }] : [];
  return context.fail('metric.overall', span, { owner: name.text }, { related });
}

/** The mean over the batch, or the input for it. */
function meanOf(context: Context, metric: string, { name, value }: Statistic): TensorValue {
  const { builder, batch } = context.tensors;
  const shape = exampleShape(value);
  const { labels } = value;
  if (context.mode.averaged) {
    const leaf = builder.input(statisticName(metric, name), 'input', shape);
    return { kind: 'tensor', node: builder.rename(leaf, name), batched: false, labels };
  }
  if (!value.batched) return value;
  const node = builder.divide(builder.sum(value.node, [0]), builder.constant(batch, shape));
  return { kind: 'tensor', node, batched: false, labels };
}

/**
 * The covariances that an `overall` uses. A variance as the mean of squares minus the square of the mean cancels if the mean is large, so
 * a batch computes its covariance from deviations from its own means. Those of many batches are merged in src/runtime/statistics.ts.
 */
class Covariances {
  readonly found = new Map<string, Statistic>();

  constructor(
    private readonly context: Context,
    private readonly metric: string,
    private readonly statistics: readonly Statistic[],
    private readonly means: readonly TensorValue[],
  ) {}

  /** Runs the body of `overall`, the only place with covariances. */
  within<T>(body: () => T): T {
    this.context.covariance = (a, b) => this.between(a, b);
    try {
      return body();
    } finally {
      this.context.covariance = undefined;
    }
  }

  /** Undefined if one of them is none of the means, or if their shapes differ. */
  private between(a: TensorValue, b: TensorValue): TensorValue | undefined {
    const [i, j] = [a, b].map(({ node }) => this.means.findIndex((mean) => mean.node.id === node.id));
    const [left, right] = [this.statistics[i ?? -1], this.statistics[j ?? -1]];
    if (!left || !right || exampleShape(a).join() !== exampleShape(b).join()) return undefined;
    const name = left === right ? `variance(${left.name})` : `covariance(${left.name}, ${right.name})`;
    const value = this.found.get(name)?.value ?? this.compute(name, [left, a], [right, b]);
    this.found.set(name, { name, value, of: [left.name, right.name] });
    return value;
  }

  private compute(
    name: string,
    [left, leftMean]: readonly [Statistic, TensorValue],
    [right, rightMean]: readonly [Statistic, TensorValue],
  ): TensorValue {
    const { context, metric } = this;
    const { tensors } = context;
    if (context.mode.averaged) {
      const leaf = tensors.builder.input(statisticName(metric, name), 'input', exampleShape(left.value));
      return { kind: 'tensor', node: leaf, batched: false, labels: leftMean.labels };
    }
    const deviation = ({ value }: Statistic, mean: TensorValue) =>
      tensors.elementwise('subtract', [value, mean], '-');
    const product = tensors.elementwise(
      'multiply',
      [deviation(left, leftMean), deviation(right, rightMean)],
      '*',
    );
    return meanOf(context, metric, { name, value: product });
  }
}

function exampleCount(context: Context): TensorValue {
  const { builder, batch } = context.tensors;
  const [before] = context.trace.overalls;
  if (before) return before.examples;
  const node = context.mode.averaged
    ? builder.rename(builder.input(examplesInput, 'input', []), 'examples')
    : builder.constant(batch, []);
  return context.tensors.of(node, false);
}

/** The programs' name for the mean, or an example's value, of one of a metric's statistics. */
export const statisticName = (metric: string, statistic: string): string =>
  `statistic.${metric}.${statistic}`;
