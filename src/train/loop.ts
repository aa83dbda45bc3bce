// The training loop: epochs over batches, validation after each, the test at the end. A model, its examples and an observer
// enter; a report leaves. Nothing is printed here and no file is written: `save` is the caller's.
// Invariants: `save` is only called with a finite state; every example of validation and test counts exactly once; the model
// has taken `position.step` steps whenever `save` is called or the loop returns.
import type { Model, ModelArrays } from '../runtime/model.ts';
import { evaluateExamples, MetricMeans, type ExampleSet } from './loop-evaluation.ts';
import type { EpochReport, Evaluation, Position, TrainingObserver } from './loop-events.ts';
import { DivergedError } from './loop-failure.ts';
import { pause } from './loop-pause.ts';

export interface LoopData {
  readonly stepsPerEpoch: number;
  /** The full batches of an epoch (from 0) in their shuffled order, from the given one on. */
  batches(epoch: number, from: number): Iterable<ModelArrays> | AsyncIterable<ModelArrays>;
  readonly trainExamples: number;
  readonly validation?: ExampleSet;
  readonly test?: ExampleSet;
}

export interface LoopRequest {
  readonly model: Model;
  readonly data: LoopData;
  readonly epochs: number;
  /** Where an earlier run of the same model ended; the model's state is that run's. */
  readonly from: Position;
  readonly observer: TrainingObserver;
  /** Ends the loop after the step, or the batch of an evaluation, that is under way. */
  readonly signal: AbortSignal;
  /** Keeps the model's state. Called after each epoch, and when the loop is interrupted after a step. */
  save(position: Position): Promise<void>;
}

export interface LoopResult {
  readonly interrupted: boolean;
  readonly position: Position;
  /** The epochs that this call completed. */
  readonly epochs: readonly EpochReport[];
  readonly test?: Evaluation;
  /** Time spent in steps, without validation, test and saving. */
  readonly seconds: number;
  /** Steps of this call alone. */
  readonly steps: number;
  readonly samplesPerSecond: number;
}

export async function trainingLoop(request: LoopRequest): Promise<LoopResult> {
  const { model, data, observer, signal, epochs: total } = request;
  const { batch } = model.specification;
  const epochs: EpochReport[] = [];
  const clock = new Stopwatch();
  let position = request.from;
  let steps = 0;

  const rate = () => (clock.seconds > 0 ? (steps * batch) / clock.seconds : 0);
  const result = (interrupted: boolean, test?: Evaluation): LoopResult => ({
    interrupted,
    position,
    epochs,
    ...(test && { test }),
    seconds: clock.seconds,
    steps,
    samplesPerSecond: rate(),
  });
  const evaluate = (part: 'validation' | 'test', examples: ExampleSet) =>
    evaluateExamples(model, examples, signal, (done) => observer.evaluating(part, done, examples.count));
  const saveFinite = async () => {
    await checkParameters(model, position, data.stepsPerEpoch);
    await request.save(position);
  };

  observer.started({
    epochs: total,
    stepsPerEpoch: data.stepsPerEpoch,
    batch,
    examples: {
      train: data.trainExamples,
      validation: data.validation?.count ?? 0,
      test: data.test?.count ?? 0,
    },
    from: position,
  });

  while (position.epoch < total) {
    const epoch = position.epoch + 1;
    const means = new MetricMeans();
    const before = { seconds: clock.seconds, steps };
    let lossSum = 0;
    clock.start();
    for await (const arrays of data.batches(position.epoch, position.batch)) {
      if (signal.aborted) break;
      const { loss, metrics } = await model.step(arrays);
      const done = position.batch + 1;
      position = advance(position, data.stepsPerEpoch);
      steps++;
      if (!Number.isFinite(loss))
        throw new DivergedError({
          what: 'the loss',
          value: loss,
          epoch,
          step: done,
          totalStep: position.step,
        });
      lossSum += loss;
      means.add(metrics, 1);
      const meanLoss = lossSum / (steps - before.steps);
      clock.lap();
      observer.stepped({ position, loss, meanLoss, samplesPerSecond: rate() });
      await pause();
      if (position.batch === 0) break;
    }
    clock.stop();
    if (position.epoch < epoch) {
      if (!signal.aborted)
        throw new Error(`epoch ${epoch} ended after ${position.batch} of ${data.stepsPerEpoch} batches`);
      // before its first step the loop has nothing that was not kept already
      if (steps > 0) await saveFinite();
      return result(true);
    }

    const taken = steps - before.steps;
    const seconds = clock.seconds - before.seconds;
    const validation = data.validation && (await evaluate('validation', data.validation));
    if (validation && !Number.isFinite(validation.loss))
      throw new DivergedError({
        what: 'the validation loss',
        value: validation.loss,
        epoch,
        step: data.stepsPerEpoch,
        totalStep: position.step,
      });
    await saveFinite();
    const report: EpochReport = {
      epoch,
      loss: lossSum / taken,
      metrics: means.result(),
      ...(validation && { validation }),
      seconds,
      samplesPerSecond: seconds > 0 ? (taken * batch) / seconds : 0,
    };
    epochs.push(report);
    observer.epochEnded(report);
    if (signal.aborted) return result(true);
  }

  const test = data.test && (await evaluate('test', data.test));
  return result(signal.aborted, test);
}

function advance({ epoch, batch, step }: Position, stepsPerEpoch: number): Position {
  const ended = batch + 1 >= stepsPerEpoch;
  return { epoch: ended ? epoch + 1 : epoch, batch: ended ? 0 : batch + 1, step: step + 1 };
}

/** A step's loss is that of the state before its update, so that the last update is judged by the parameters themselves. */
async function checkParameters(model: Model, position: Position, stepsPerEpoch: number): Promise<void> {
  for (const [path, { data }] of await model.parameters()) {
    const value = data.find((element) => !Number.isFinite(element));
    if (value === undefined) continue;
    const ended = position.batch === 0;
    throw new DivergedError({
      what: `the parameter ${path}`,
      value,
      epoch: ended ? position.epoch : position.epoch + 1,
      step: ended ? stepsPerEpoch : position.batch,
      totalStep: position.step,
    });
  }
}

/** Sums the times between `start` and `stop`. */
class Stopwatch {
  seconds = 0;
  #since = 0;

  start(): void {
    this.#since = performance.now();
  }

  /** Adds what has passed so far and goes on. */
  lap(): void {
    const now = performance.now();
    this.seconds += (now - this.#since) / 1000;
    this.#since = now;
  }

  stop(): void {
    this.lap();
  }
}
