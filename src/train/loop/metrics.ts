// What metrics are made of, and the sums of an epoch under way: what a checkpoint keeps of them, so that the reports of a
// resumed run agree with those of an uninterrupted one.
import type { Metric, Model, Named } from '../../runtime/model.ts';
import type { MetricResult } from '../../runtime/specification.ts';
import { numbersOf, StatisticSums } from '../../runtime/statistics.ts';
import type { MetricValue } from './events.ts';

/**
 * What is a tensor, of the given shape, is summed element by element; a number has no shape. For a covariance it is the sum of the
 * products of deviations from the means.
 */
export type MetricSums = readonly (readonly [
  name: string,
  sum: { readonly shape: readonly number[] | null; readonly total: readonly number[] },
])[];

/** What metrics are made of (a step's or an evaluation's `statistics`), weighted, over many parts. */
export class MetricMeans {
  readonly #sums: StatisticSums;

  /** @param from the sums of what was added earlier, and their weight */
  constructor(metrics: readonly MetricResult[], from: MetricSums = [], weight = 0) {
    this.#sums = new StatisticSums(metrics, weight);
    const earlier = new Map(from);
    this.#sums.statistics.forEach(({ key }, i) => this.#sums.totals[i]?.set(earlier.get(key)?.total ?? []));
  }

  add(statistics: Named<Metric>, weight: number): void {
    this.#sums.add(
      this.#sums.statistics.map(({ key }) => numbersOf(statistics[key])),
      weight,
    );
  }

  sums(): MetricSums {
    const { statistics, totals } = this.#sums;
    return statistics.map(({ key, shape }, i) => [
      key,
      { shape: shape.length === 0 ? null : shape, total: Array.from(totals[i] ?? []) },
    ]);
  }

  /** The metrics of all that was added, which were so many examples. */
  async metrics(model: Model, examples: number): Promise<ReadonlyMap<string, MetricValue>> {
    if (this.#sums.statistics.length === 0) return new Map();
    return metricValues(await model.metrics(this.#sums.means(), examples));
  }
}

/** A step's metrics as reports have them. */
export function metricValues(metrics: Named<Metric>): ReadonlyMap<string, MetricValue> {
  return new Map(
    Object.entries(metrics).map(([name, metric]) => [
      name,
      typeof metric === 'number' ? metric : Array.from(metric.data),
    ]),
  );
}

/** What the steps of an epoch that is not complete add up to. */
export interface EpochSums {
  readonly steps: number;
  readonly loss: number;
  readonly metrics: MetricSums;
  /** In training steps. */
  readonly seconds: number;
}

export const noSums: EpochSums = { steps: 0, loss: 0, metrics: [], seconds: 0 };
