// The training loop: epochs over batches, validation after each, the test at the end. A model, its examples and an observer
// enter; a report leaves. Nothing is printed here and no file is written: `save` is the caller's.
// Invariants: `save` is only called with a finite state; every example of validation and test counts exactly once; the model
// has taken `position.step` steps whenever `save` is called or the loop returns; a loop that goes on from a saved state saves
// and reports what an uninterrupted one would have.
import type { Model, ModelArrays } from '../../runtime/model.ts';
import { Clock, type Now } from './clock.ts';
import { evaluateExamples, type ExampleSet } from './evaluation.ts';
import type { EpochReport, Evaluation, LoopEnd, Monitor, TrainingObserver } from './events.ts';
import { checkFinite, DivergedError } from './failure.ts';
import { MetricMeans, metricValues, noSums } from './metrics.ts';
import { improvement } from './monitor.ts';
import { turnIfDue } from '../../runtime/event-loop.ts';
import { advance, withoutArrays, type LoopState } from './state.ts';

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
  readonly from: LoopState;
  readonly observer: TrainingObserver;
  /** Ends the loop after the step, or the batch of an evaluation, that is under way. */
  readonly signal: AbortSignal;
  readonly monitor?: Monitor;
  /** Epochs without a better one after which training stops; needs a monitor. */
  readonly patience?: number;
  /** Seconds from now after which training ends, after the step under way. */
  readonly maxSeconds?: number;
  /** The clock; this process's by default. */
  readonly now?: Now;
  /** Whether the state is to be saved after this step, in the midst of an epoch; asked after every step. */
  saveAfter?(step: number): boolean;
  /** The learning rate of a step, counted from 1, where it is known. */
  learningRate?(step: number): number | undefined;
  /**
   * Keeps the model's state: of every epoch that is the best so far, then of every epoch; and where the loop ends before its
   * last epoch.
   */
  save(state: LoopState, kind: 'last' | 'best'): Promise<void>;
  /** Does the work with the best epoch's state in the model, and nothing where that is not kept any more. */
  withBest?<T>(work: () => Promise<T>): Promise<T | undefined>;
}

export interface LoopResult {
  readonly end: LoopEnd;
  readonly state: LoopState;
  readonly test?: Evaluation;
  /** The best epoch's, where that is not the last. */
  readonly bestTest?: Evaluation;
  /** Time of this call spent in steps, without validation, test and saving. */
  readonly seconds: number;
  /** Steps of this call alone. */
  readonly steps: number;
  readonly samplesPerSecond: number;
}

export async function trainingLoop(request: LoopRequest): Promise<LoopResult> {
  const { model, data, observer, signal, monitor, epochs: total } = request;
  const { stepsPerEpoch } = data;
  const { batch } = model.specification;
  const clock = new Clock(request.maxSeconds, request.now);
  let { position, history, sums } = request.from;
  // by another measure, what was best says nothing
  let best = request.from.best?.metric === monitor?.name ? request.from.best : null;
  let steps = 0;

  const rate = () => (clock.seconds > 0 ? (steps * batch) / clock.seconds : 0);
  const evaluate = (part: 'validation' | 'test', examples: ExampleSet, examined: boolean) =>
    clock.apart(() =>
      evaluateExamples(
        model,
        examples,
        signal,
        (done) => observer.evaluating?.(part, done, examples.count),
        examined ? (start, arrays, found) => observer.examined?.(part, start, arrays, found) : undefined,
      ),
    );
  const save = async (state: LoopState, kinds: readonly ('last' | 'best')[]) => {
    await checkFinite(model, state.position, stepsPerEpoch);
    for (const kind of kinds) await request.save(state, kind);
  };
  const waitingSince = best ? 0 : position.epoch;
  const isOutOfPatience = () =>
    monitor !== undefined && position.epoch - (best?.epoch ?? waitingSince) >= (request.patience ?? Infinity);

  observer.started?.({
    epochs: total,
    stepsPerEpoch,
    batch,
    examples: {
      train: data.trainExamples,
      validation: data.validation?.count ?? 0,
      test: data.test?.count ?? 0,
    },
    from: position,
    ...(monitor && { monitor }),
  });

  let end: LoopEnd = 'completed';
  while (position.epoch < total) {
    if (isOutOfPatience()) {
      end = 'stopped';
      break;
    }
    const epoch = position.epoch + 1;
    const means = new MetricMeans(model.specification.metrics, sums.metrics, sums.steps);
    const before = { loss: sums.loss, steps: sums.steps, seconds: sums.seconds };
    let taken = 0;
    let lossSum = before.loss;
    const clockBefore = clock.seconds;
    const sumsNow = () => ({
      steps: before.steps + taken,
      loss: lossSum,
      metrics: means.sums(),
      seconds: before.seconds + clock.seconds - clockBefore,
    });
    const stateNow = (): LoopState => ({ position, history, best, sums: sumsNow() });

    clock.start();
    // of an epoch that was interrupted while it was validated nothing is left to train on
    const left = position.batch < stepsPerEpoch ? data.batches(position.epoch, position.batch) : [];
    for await (const arrays of left) {
      if (signal.aborted || clock.isOver()) break;
      const { loss, metrics, statistics } = await model.step(arrays);
      const reached = advance(position, stepsPerEpoch);
      if (!Number.isFinite(loss)) throw DivergedError.at('the loss', loss, reached, stepsPerEpoch);
      position = reached;
      steps++;
      taken++;
      lossSum += loss;
      means.add(statistics, 1);
      clock.lap();
      const learningRate = request.learningRate?.(position.step);
      const samplesPerSecond = rate();
      observer.stepped?.({
        position,
        loss,
        meanLoss: lossSum / (before.steps + taken),
        metrics: metricValues(metrics),
        ...(learningRate !== undefined && { learningRate }),
        samplesPerSecond,
        secondsLeft: clock.left(total * stepsPerEpoch - position.step, steps),
      });
      await turnIfDue();
      if (position.batch === 0) break;
      if (request.saveAfter?.(position.step)) await clock.apart(() => save(stateNow(), ['last']));
    }
    clock.stop();

    if (position.batch === stepsPerEpoch) position = { ...position, epoch, batch: 0 };
    if (position.epoch < epoch) {
      if (!signal.aborted && !clock.isOver())
        throw new Error(`epoch ${epoch} ended after ${position.batch} of ${stepsPerEpoch} batches`);
      end = signal.aborted ? 'interrupted' : 'out of time';
      // before its first step the loop has nothing that was not kept already
      sums = sumsNow();
      if (steps > 0) await save(stateNow(), ['last']);
      break;
    }

    const validation = data.validation && (await evaluate('validation', data.validation, true));
    if (data.validation && !validation) {
      end = 'interrupted';
      position = { ...position, epoch: epoch - 1, batch: stepsPerEpoch };
      sums = sumsNow();
      await save(stateNow(), ['last']);
      break;
    }
    if (validation && !Number.isFinite(validation.loss))
      throw DivergedError.at('the validation loss', validation.loss, position, stepsPerEpoch);
    const learningRate = request.learningRate?.(position.step);
    const { seconds, steps: epochSteps } = sumsNow();
    const plain = {
      epoch,
      step: position.step,
      loss: lossSum / epochSteps,
      metrics: await means.metrics(model, epochSteps * batch),
      ...(validation && { validation }),
      ...(learningRate !== undefined && { learningRate }),
      seconds,
      samplesPerSecond: seconds > 0 ? (epochSteps * batch) / seconds : 0,
    };
    const better = monitor && improvement(monitor, plain, best);
    best = better ?? best;
    const report: EpochReport = { ...plain, best: better !== undefined };
    history = [...history.map(withoutArrays), report];
    sums = noSums;
    await clock.apart(() => save({ position, history, best, sums }, better ? ['best', 'last'] : ['last']));
    observer.epochEnded?.(report);
    if (signal.aborted) end = 'interrupted';
    else if (clock.isOver() && position.epoch < total) end = 'out of time';
    if (end !== 'completed') break;
  }

  const finish = (test?: Evaluation, bestTest?: Evaluation): LoopResult => ({
    end: signal.aborted ? 'interrupted' : end,
    state: { position, history, best, sums },
    ...(test && { test }),
    ...(bestTest && { bestTest }),
    seconds: clock.seconds,
    steps,
    samplesPerSecond: rate(),
  });
  const { test: examples } = data;
  if (end === 'interrupted' || !examples) return finish();
  const test = await evaluate('test', examples, true);
  if (test) observer.tested?.(test, 'last');
  const another = test && best && (best.epoch !== position.epoch || position.batch > 0);
  if (!another || !request.withBest) return finish(test);
  const bestTest = await request.withBest(() => evaluate('test', examples, false));
  if (bestTest) observer.tested?.(bestTest, 'best');
  return finish(test, bestTest);
}
