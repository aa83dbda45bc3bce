// Means and covariances over many examples, merged part by part in float64. A covariance is never computed as a mean of products minus a
// product of means, which cancels if the means are large: each part has its own covariance, and merging two parts of weights V and w adds
// V w / (V + w) · (difference of the means of a) · (difference of the means of b) to the sum of theirs (Chan, Golub & LeVeque, 1979).
import { metric, averaged, type Averaged } from './metrics.ts';
import type { Metric, Named } from './model.ts';
import type { MetricResult } from './specification.ts';
import { elementCount, namedRecord } from './tensor.ts';

export class StatisticSums {
  readonly statistics: readonly Averaged[];
  /** Weighted sums, in the order of the statistics: of values, or for a covariance of products of deviations. */
  readonly totals: readonly Float64Array[];
  readonly #pairs: readonly (readonly [number, number] | undefined)[];
  #weight: number;

  /** @param weight of the totals, if they are set afterwards */
  constructor(metrics: readonly MetricResult[], weight = 0) {
    this.statistics = averaged(metrics);
    this.totals = this.statistics.map(({ shape }) => new Float64Array(elementCount(shape)));
    const indexOf = (key: string) => this.statistics.findIndex((each) => each.key === key);
    this.#pairs = this.statistics.map(({ of }) => of && [indexOf(of[0]), indexOf(of[1])]);
    this.#weight = weight;
  }

  /**
   * Adds a part: an example of weight 1, or the means and covariances of many, of equal weight.
   * @param values in the order of the statistics; a covariance may be absent for 0, which is that of one example
   * @param example the index, if `values` contain several in sequence
   */
  add(values: readonly (ArrayLike<number> | undefined)[], weight: number, example = 0): void {
    const before = this.#weight;
    this.#pairs.forEach((pair, which) => {
      if (pair) this.#merge(which, pair, values, weight, example);
    });
    this.totals.forEach((total, which) => {
      const given = values[which];
      if (this.#pairs[which] || !given) return;
      const start = example * total.length;
      for (let i = 0; i < total.length; i++)
        total[i] = (total[i] ?? NaN) + (given[start + i] ?? NaN) * weight;
    });
    this.#weight = before + weight;
  }

  #merge(
    which: number,
    [a, b]: readonly [number, number],
    values: readonly (ArrayLike<number> | undefined)[],
    weight: number,
    example: number,
  ): void {
    const total = this.totals[which] ?? new Float64Array();
    const before = this.#weight;
    const start = example * total.length;
    const deviation = (of: number, i: number) =>
      (values[of]?.[start + i] ?? NaN) - (this.totals[of]?.[i] ?? NaN) / before;
    const given = values[which];
    for (let i = 0; i < total.length; i++) {
      const own = given ? (given[start + i] ?? NaN) * weight : 0;
      const apart =
        before === 0 ? 0 : ((before * weight) / (before + weight)) * deviation(a, i) * deviation(b, i);
      total[i] = (total[i] ?? NaN) + own + apart;
    }
  }

  /** The argument of `Model.metrics`, by key. */
  means(): Named<Metric> {
    return namedRecord(
      this.statistics.map(({ key, shape }, which) => {
        const mean = (this.totals[which] ?? new Float64Array()).map((sum) => sum / this.#weight);
        return [key, metric(shape, mean)];
      }),
    );
  }
}

/** The numbers of a statistic from a step or an evaluation. */
export function numbersOf(given: Metric | undefined): ArrayLike<number> | undefined {
  return typeof given === 'number' ? [given] : given?.data;
}

/**
 * The combined statistics of several steps or evaluations, for `Model.metrics`.
 * @param parts the statistics of each, and its number of examples
 */
export function mergeStatistics(
  { metrics }: { readonly metrics: readonly MetricResult[] },
  parts: readonly { readonly statistics: Named<Metric>; readonly count: number }[],
): Named<Metric> {
  const sums = new StatisticSums(metrics);
  for (const { statistics, count } of parts)
    sums.add(
      sums.statistics.map(({ key }) => numbersOf(statistics[key])),
      count,
    );
  return sums.means();
}
