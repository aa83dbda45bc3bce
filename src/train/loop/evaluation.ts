// Averages over a part of the data: every example exactly once, in chunks of full batches. Between chunks, progress is reported and an
// interruption checked; memory is bounded by one chunk.
import type { Evaluation as ModelEvaluation, Model, ModelArrays } from '../../runtime/model.ts';
import type { Evaluation } from './events.ts';
import { MetricMeans } from './metrics.ts';
import { turnIfDue } from '../../runtime/event-loop.ts';

/** Examples in a fixed order. */
export interface ExampleSet {
  readonly count: number;
  /** The examples from `start` up to, but not including, `end`. */
  slice(start: number, end: number): ModelArrays;
}

/** Examples per chunk, rounded down to full batches; at least one batch. */
const pieceSize = 512;

export interface EvaluationObserver {
  /** Called after each chunk with the number of examples evaluated so far. */
  progressed?(done: number): void;
  /** Called for each chunk with the model's results per example, which the averages do not keep. */
  examined?(first: number, arrays: ModelArrays, found: ModelEvaluation): void;
}

/** Evaluates all examples; returns undefined if the signal aborted it. */
export async function evaluateExamples(
  model: Model,
  examples: ExampleSet,
  signal: AbortSignal,
  observer: EvaluationObserver = {},
): Promise<Evaluation | undefined> {
  const { batch } = model.specification;
  const piece = batch * Math.max(1, Math.floor(pieceSize / batch));
  const means = new MetricMeans(model.specification.metrics);
  let loss = 0;
  for (let start = 0; start < examples.count; start += piece) {
    if (signal.aborted) return undefined;
    const end = Math.min(start + piece, examples.count);
    const arrays = examples.slice(start, end);
    const found = await model.evaluate(arrays);
    observer.examined?.(start, arrays, found);
    loss += found.loss * found.count;
    means.add(found.statistics, found.count);
    observer.progressed?.(end);
    await turnIfDue();
  }
  return {
    examples: examples.count,
    loss: loss / examples.count,
    metrics: await means.metrics(model, examples.count),
  };
}
