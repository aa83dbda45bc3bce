// The averages behind metrics, and the sums of the current epoch, which checkpoints contain so that a resumed run reports the same as an
// uninterrupted one.
import type { Metric, Model, Named } from '../../runtime/model.ts';
import type { MetricResult } from '../../runtime/specification.ts';
import { numbersOf, StatisticSums } from '../../runtime/statistics.ts';
import type { MetricValue } from './events.ts';

/**
 * Tensors are summed element by element; a number has no shape. A covariance is stored as the sum of the products of deviations from the
 * means.
 */
export type MetricSums = readonly (readonly [
  name: string,
  sum: { readonly shape: readonly number[] | null; readonly total: readonly number[] },
])[];

/** Weighted means of the metrics' underlying values (a step's or an evaluation's `statistics`) over many parts. */
export class MetricMeans {
  readonly #sums: StatisticSums;

  /** @param from earlier sums, and their weight */
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

  /** The metrics of all parts added, which had `examples` examples. */
  async metrics(model: Model, examples: number): Promise<ReadonlyMap<string, MetricValue>> {
    if (this.#sums.statistics.length === 0) return new Map();
    return metricValues(await model.metrics(this.#sums.means(), examples));
  }
}

/** A step's metrics in the form of reports. */
export function metricValues(metrics: Named<Metric>): ReadonlyMap<string, MetricValue> {
  return new Map(
    Object.entries(metrics).map(([name, metric]) => [
      name,
      typeof metric === 'number' ? metric : Array.from(metric.data),
    ]),
  );
}

/** The sums over the steps of an incomplete epoch. */
export interface EpochSums {
  readonly steps: number;
  readonly loss: number;
  readonly metrics: MetricSums;
  /** In training steps. */
  readonly seconds: number;
}

export const noSums: EpochSums = { steps: 0, loss: 0, metrics: [], seconds: 0 };
