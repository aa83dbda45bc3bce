// Averages over a part of the data: every example exactly once, in pieces of whole batches, so that memory stays bounded,
// progress can be shown and an interruption is heard.
import type { Metric, Model, ModelArrays, Named } from '../runtime/model.ts';
import type { Evaluation } from './loop-events.ts';
import { pause } from './loop-pause.ts';

/** Examples in a fixed order. */
export interface ExampleSet {
  readonly count: number;
  /** The examples from `start` up to, but not including, `end`. */
  slice(start: number, end: number): ModelArrays;
}

/** Examples of one piece; at least one batch. */
const pieceSize = 512;

/** Evaluates all examples; gives nothing when the signal ended it early. */
export async function evaluateExamples(
  model: Model,
  examples: ExampleSet,
  signal: AbortSignal,
  progressed: (done: number) => void,
): Promise<Evaluation | undefined> {
  const { batch } = model.specification;
  const piece = batch * Math.max(1, Math.floor(pieceSize / batch));
  const means = new MetricMeans();
  let loss = 0;
  for (let start = 0; start < examples.count; start += piece) {
    if (signal.aborted) return undefined;
    const end = Math.min(start + piece, examples.count);
    const found = await model.evaluate(examples.slice(start, end));
    loss += found.loss * found.count;
    means.add(found.metrics, found.count);
    progressed(end);
    await pause();
  }
  return { examples: examples.count, loss: loss / examples.count, metrics: means.result() };
}

/** Weighted means of metrics by name; of a metric that is a tensor, element by element. */
export class MetricMeans {
  readonly #sums = new Map<string, { readonly scalar: boolean; readonly total: Float64Array }>();
  #weight = 0;

  add(metrics: Named<Metric>, weight: number): void {
    this.#weight += weight;
    for (const [name, metric] of Object.entries(metrics)) {
      const scalar = typeof metric === 'number';
      const values = scalar ? [metric] : metric.data;
      const sum = this.#sums.get(name) ?? { scalar, total: new Float64Array(values.length) };
      this.#sums.set(name, sum);
      values.forEach((value, i) => (sum.total[i] = (sum.total[i] ?? 0) + value * weight));
    }
  }

  result(): ReadonlyMap<string, number | readonly number[]> {
    const entries = [...this.#sums].map(([name, { scalar, total }]) => {
      const means = Array.from(total, (value) => value / this.#weight);
      return [name, scalar ? (means[0] ?? NaN) : means] as const;
    });
    return new Map(entries);
  }
}
