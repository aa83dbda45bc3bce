// Averages over a part of the data: every example exactly once, in pieces of whole batches, so that memory stays bounded,
// progress can be shown and an interruption is heard.
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

/** Examples of one piece; at least one batch. */
const pieceSize = 512;

/**
 * Evaluates all examples; gives nothing when the signal ended it early.
 * @param examined sees each piece with what the model made of every example, which the averages do not keep
 */
export async function evaluateExamples(
  model: Model,
  examples: ExampleSet,
  signal: AbortSignal,
  progressed: (done: number) => void,
  examined?: (first: number, arrays: ModelArrays, found: ModelEvaluation) => void,
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
    examined?.(start, arrays, found);
    loss += found.loss * found.count;
    means.add(found.statistics, found.count);
    progressed(end);
    await turnIfDue();
  }
  return {
    examples: examples.count,
    loss: loss / examples.count,
    metrics: await means.metrics(model, examples.count),
  };
}
