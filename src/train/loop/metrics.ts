// Weighted means of metrics, and the sums of an epoch under way: what a checkpoint keeps of them, so that the reports of a
// resumed run agree with those of an uninterrupted one.
import type { Metric, Model, Named } from '../../runtime/model.ts';
import { namedRecord } from '../../runtime/tensor.ts';
import type { MetricValue } from './events.ts';

/** What is a tensor, of the given shape, is summed element by element; a number has no shape. */
export type MetricSums = readonly (readonly [
  name: string,
  sum: { readonly shape: readonly number[] | null; readonly total: readonly number[] },
])[];

/** Weighted means of what metrics are made of (a step's or an evaluation's `statistics`), by name. */
export class MetricMeans {
  readonly #sums = new Map<
    string,
    { readonly shape: readonly number[] | null; readonly total: Float64Array }
  >();
  #weight = 0;

  /** @param from the sums of what was added earlier, and their weight */
  constructor(from: MetricSums = [], weight = 0) {
    for (const [name, { shape, total }] of from)
      this.#sums.set(name, { shape, total: Float64Array.from(total) });
    this.#weight = weight;
  }

  add(statistics: Named<Metric>, weight: number): void {
    this.#weight += weight;
    for (const [name, statistic] of Object.entries(statistics)) {
      const shape = typeof statistic === 'number' ? null : statistic.shape;
      const values = typeof statistic === 'number' ? [statistic] : statistic.data;
      const sum = this.#sums.get(name) ?? { shape, total: new Float64Array(values.length) };
      this.#sums.set(name, sum);
      values.forEach((value, i) => (sum.total[i] = (sum.total[i] ?? 0) + value * weight));
    }
  }

  sums(): MetricSums {
    return [...this.#sums].map(([name, { shape, total }]) => [name, { shape, total: Array.from(total) }]);
  }

  /** The metrics of all that was added, which were so many examples. */
  async metrics(model: Model, examples: number): Promise<ReadonlyMap<string, MetricValue>> {
    if (this.#sums.size === 0) return new Map();
    const means = [...this.#sums].map(([name, { shape, total }]) => {
      const mean = total.map((sum) => sum / this.#weight);
      return [name, shape ? { shape, data: Float32Array.from(mean) } : (mean[0] ?? NaN)] as const;
    });
    return metricValues(await model.metrics(namedRecord(means), examples));
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
