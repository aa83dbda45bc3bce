// The averages behind metrics. Most metrics are means over the examples; some are computed from several means, by the program `metrics`.
// To evaluate many batches, average the statistics, and compute the metrics from the averages.
import { ModelInputError } from './errors.ts';
import type { Arrays } from './executable.ts';
import type { Metric, Named } from './model.ts';
import { describeKind, isObject } from './model-input.ts';
import { arrayOf } from './program-results.ts';
import type { MetricResult, ModelSpecification, ProgramName } from './specification.ts';
import { elementCount, namedRecord } from './tensor.ts';

/** A value averaged over the examples, or the covariance of two such values. */
export interface Averaged {
  /** Its name in the model's interface: `accuracy`, or `r2.error` for the statistic `error` of the metric r2. */
  readonly key: string;
  /** Its name in programs. */
  readonly output: string;
  readonly shape: readonly number[];
  /** The keys of the two values whose covariance it is. */
  readonly of?: readonly [string, string];
}

/** All averages of some metrics: of each the metric itself, or its statistics. */
export function averaged(metrics: readonly MetricResult[]): readonly Averaged[] {
  return metrics.flatMap(({ name: metric, shape, statistics }): readonly Averaged[] => {
    if (!statistics) return [{ key: metric, output: `metric.${metric}`, shape }];
    return statistics.map((statistic) => {
      const key = `${metric}.${statistic.name}`;
      const { shape, of } = statistic;
      const keys = of && ([`${metric}.${of[0]}`, `${metric}.${of[1]}`] as const);
      return { key, output: `statistic.${key}`, shape, ...(keys && { of: keys }) };
    });
  });
}

/** The statistics of a training step, already means and covariances over the batch. */
export function statisticsOf(metrics: readonly MetricResult[], results: Arrays): Named<Metric> {
  return namedRecord(
    averaged(metrics).map(({ key, output, shape }) => {
      return [key, metric(shape, arrayOf(results, output, elementCount(shape)))];
    }),
  );
}

/**
 * The metrics over all examples.
 * @param statistics means and covariances over them, by key
 * @throws ModelInputError when one is missing or of a wrong length
 */
export async function overallMetrics(
  { metrics }: ModelSpecification,
  statistics: Named<Metric>,
  examples: number,
  run: (program: ProgramName, columns: readonly (readonly [string, Float32Array])[]) => Promise<Arrays>,
): Promise<Named<Metric>> {
  if (!isObject(statistics))
    throw new ModelInputError('statistics', 'an object with a mean by each name', describeKind(statistics));
  const columns = averaged(metrics).map(({ key, output, shape }) => {
    const given = Object.hasOwn(statistics, key) ? statistics[key] : undefined;
    const values = typeof given === 'number' ? [given] : given?.data;
    if (values?.length !== elementCount(shape)) {
      const expected = `${elementCount(shape)} numbers, the mean over all examples`;
      throw new ModelInputError(key, expected, values ? `${values.length}` : 'nothing');
    }
    // A copy, since some are returned after the program has run, when the caller may have changed the original.
    return { key, output, shape, values: values.slice() };
  });
  const computed = metrics.some((each) => each.statistics)
    ? await run('metrics', [
        ...columns.map(({ output, values }) => [output, Float32Array.from(values)] as const),
        ['examples.count', Float32Array.of(examples)],
      ])
    : {};
  return namedRecord(
    metrics.map(({ name, shape, statistics: own }) => {
      const mean = columns.find(({ key }) => key === name);
      const values = own || !mean ? arrayOf(computed, `metric.${name}`, elementCount(shape)) : mean.values;
      return [name, metric(shape, values)];
    }),
  );
}

/** A number, or a tensor with its own memory. */
export function metric(shape: readonly number[], values: ArrayLike<number>): Metric {
  return shape.length === 0 ? (values[0] ?? NaN) : { shape, data: Float32Array.from(values) };
}
