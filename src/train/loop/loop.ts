// The training loop: epochs over batches, validation after each, a test at the end. It takes a model, its examples and an observer, and
// returns a report. It prints nothing and writes no file: `save` is the caller's. Invariants: `save` is only called with a finite state;
// every example of validation and test counts exactly once; the model has taken `position.step` steps whenever `save` is called or the
// loop returns; a resumed loop saves and reports the same as an uninterrupted one.
import type { Model, ModelArrays } from '../../runtime/model.ts';
import { Clock, type Now } from './clock.ts';
import { evaluateExamples, type ExampleSet } from './evaluation.ts';
import type { EpochReport, Evaluation, LoopEnd, Monitor, TrainingObserver } from './events.ts';
import { checkFinite, DivergedError, lossLimit } from './failure.ts';
import { MetricMeans, metricValues, noSums, type EpochSums } from './metrics.ts';
import { improvement } from './monitor.ts';
import { turnIfDue } from '../../runtime/event-loop.ts';
import { advance, withoutArrays, type LoopState } from './state.ts';

export interface LoopData {
  readonly stepsPerEpoch: number;
  /** The full batches of an epoch (from 0) in shuffled order, starting with the batch `from`. */
  batches(epoch: number, from: number): Iterable<ModelArrays> | AsyncIterable<ModelArrays>;
  readonly trainExamples: number;
  readonly validation?: ExampleSet;
  readonly test?: ExampleSet;
}

export interface LoopRequest {
  readonly model: Model;
  readonly data: LoopData;
  readonly epochs: number;
  /** The position where an earlier run of the same model ended; the model has that run's state. */
  readonly from: LoopState;
  readonly observer: TrainingObserver;
  /** Ends the loop after the current step, or the current chunk of an evaluation. */
  readonly signal: AbortSignal;
  readonly monitor?: Monitor;
  /** Early stopping: epochs without improvement before training stops; needs a monitor. */
  readonly patience?: number;
  /** Seconds from now after which training ends, once the current step is done. */
  readonly maxSeconds?: number;
  /** The clock; this process's by default. */
  readonly now?: Now;
  /** Whether to save the state after this step, within an epoch; called after every step. */
  saveAfter?(step: number): boolean;
  /** The learning rate of a step, counted from 1, if it is known. */
  learningRate?(step: number): number | undefined;
  /**
   * Saves the model's state: after an epoch that is the best so far as `best`, then after every epoch as `last`; and when the loop ends
   * within an epoch.
   */
  save(state: LoopState, kind: 'last' | 'best'): Promise<void>;
  /** Runs a function with the best epoch's state in the model, if that state is still saved. */
  withBest?<T>(work: () => Promise<T>): Promise<T | undefined>;
}

export interface LoopResult {
  readonly end: LoopEnd;
  readonly state: LoopState;
  readonly test?: Evaluation;
  /** The best epoch's test, if that is not the last epoch. */
  readonly bestTest?: Evaluation;
  /** This call's time in steps, without validation, test and saving. */
  readonly seconds: number;
  /** Steps of this call alone. */
  readonly steps: number;
  readonly samplesPerSecond: number;
}

export async function trainingLoop(request: LoopRequest): Promise<LoopResult> {
  return new TrainingLoop(request).run();
}

/** The sums over the current epoch's steps, including those of an earlier call. */
class EpochProgress {
  readonly #before: EpochSums;
  readonly #secondsBefore: number;
  readonly means: MetricMeans;
  steps: number;
  loss: number;

  constructor(
    model: Model,
    before: EpochSums,
    private readonly clock: Clock,
  ) {
    this.#before = before;
    this.#secondsBefore = clock.seconds;
    this.means = new MetricMeans(model.specification.metrics, before.metrics, before.steps);
    this.steps = before.steps;
    this.loss = before.loss;
  }

  get sums(): EpochSums {
    const seconds = this.#before.seconds + this.clock.seconds - this.#secondsBefore;
    return { steps: this.steps, loss: this.loss, metrics: this.means.sums(), seconds };
  }
}

class TrainingLoop {
  readonly #request: LoopRequest;
  readonly #clock: Clock;
  #state: LoopState;
  #end: LoopEnd = 'completed';
  /** Of this call alone. */
  #steps = 0;
  /** Known from the first step on; where a run is resumed, from the mean of its first epoch. */
  #lossLimit: number | undefined;
  /** The epoch from which patience counts while no epoch is the best. */
  readonly #waitingSince: number;

  constructor(request: LoopRequest) {
    this.#request = request;
    this.#clock = new Clock(request.maxSeconds, request.now);
    const { best, position, history, sums } = request.from;
    const first = history[0]?.loss ?? (sums.steps > 0 ? sums.loss / sums.steps : undefined);
    if (first !== undefined) this.#lossLimit = lossLimit(first);
    // The best value of another metric is not comparable.
    const comparable = best?.metric === request.monitor?.name ? best : null;
    this.#state = { ...request.from, best: comparable };
    this.#waitingSince = comparable ? 0 : position.epoch;
  }

  async run(): Promise<LoopResult> {
    this.#reportStart();
    while (this.#end === 'completed' && this.#state.position.epoch < this.#request.epochs) {
      if (this.#isOutOfPatience()) this.#end = 'stopped';
      else await this.#runEpoch();
    }
    return this.#finish();
  }

  #reportStart(): void {
    const { data, epochs, model, monitor, observer } = this.#request;
    observer.started?.({
      epochs,
      stepsPerEpoch: data.stepsPerEpoch,
      batch: model.specification.batch,
      examples: {
        train: data.trainExamples,
        validation: data.validation?.count ?? 0,
        test: data.test?.count ?? 0,
      },
      from: this.#state.position,
      ...(monitor && { monitor }),
    });
  }

  #isOutOfPatience(): boolean {
    const { monitor, patience = Infinity } = this.#request;
    const { best, position } = this.#state;
    return monitor !== undefined && position.epoch - (best?.epoch ?? this.#waitingSince) >= patience;
  }

  /** One epoch: training, validation, report and checkpoint, or the rest of an interrupted one. */
  async #runEpoch(): Promise<void> {
    const { data, model, signal } = this.#request;
    const { stepsPerEpoch } = data;
    const epoch = this.#state.position.epoch + 1;
    const progress = new EpochProgress(model, this.#state.sums, this.#clock);
    await this.#takeSteps(progress);
    const { position } = this.#state;
    if (position.batch === stepsPerEpoch)
      this.#state = { ...this.#state, position: { ...position, epoch, batch: 0 } };
    if (this.#state.position.epoch < epoch) {
      if (!signal.aborted && !this.#clock.isOver())
        throw new Error(`epoch ${epoch} ended after ${position.batch} of ${stepsPerEpoch} batches`);
      this.#breakOff(signal.aborted ? 'interrupted' : 'out of time', progress);
      // Before the first step of this call, the saved state is this one.
      if (this.#steps > 0) await this.#save(this.#state, ['last']);
      return;
    }
    const validation = data.validation && (await this.#evaluate('validation', data.validation, true));
    if (data.validation && !validation) {
      const validated = { ...this.#state.position, epoch: epoch - 1, batch: stepsPerEpoch };
      this.#state = { ...this.#state, position: validated };
      this.#breakOff('interrupted', progress);
      return this.#save(this.#state, ['last']);
    }
    if (validation && !Number.isFinite(validation.loss))
      throw DivergedError.at('the validation loss', validation.loss, this.#state.position, stepsPerEpoch);
    await this.#endEpoch(progress, validation);
    if (signal.aborted) this.#end = 'interrupted';
    else if (this.#clock.isOver() && epoch < this.#request.epochs) this.#end = 'out of time';
  }

  /** Steps until the epoch ends, or the loop is told to end. */
  async #takeSteps(progress: EpochProgress): Promise<void> {
    const { data, signal } = this.#request;
    const clock = this.#clock;
    const { epoch, batch } = this.#state.position;
    clock.start();
    // An epoch interrupted during its validation has no batches left.
    const batches = batch < data.stepsPerEpoch ? data.batches(epoch, batch) : [];
    for await (const arrays of batches) {
      if (signal.aborted || clock.isOver()) break;
      await this.#takeStep(arrays, progress);
      await turnIfDue();
      const { position } = this.#state;
      if (position.batch === 0) break;
      if (this.#request.saveAfter?.(position.step))
        await clock.exclude(() => this.#save({ ...this.#state, sums: progress.sums }, ['last']));
    }
    clock.stop();
  }

  async #takeStep(arrays: ModelArrays, progress: EpochProgress): Promise<void> {
    const { data, epochs, model, observer } = this.#request;
    const clock = this.#clock;
    const { loss, metrics, statistics } = await model.step(arrays);
    const position = advance(this.#state.position, data.stepsPerEpoch);
    this.#lossLimit ??= lossLimit(loss);
    const diverged = DivergedError.ofLoss(loss, this.#lossLimit, position, data.stepsPerEpoch);
    if (diverged) throw diverged;
    this.#state = { ...this.#state, position };
    this.#steps++;
    progress.steps++;
    progress.loss += loss;
    progress.means.add(statistics, 1);
    clock.lap();
    observer.stepped?.({
      position,
      loss,
      meanLoss: progress.loss / progress.steps,
      metrics: metricValues(metrics),
      ...this.#learningRate(),
      samplesPerSecond: this.#samplesPerSecond(),
      secondsLeft: clock.left(epochs * data.stepsPerEpoch - position.step, this.#steps),
    });
  }

  /** Ends the loop within an epoch. */
  #breakOff(end: LoopEnd, progress: EpochProgress): void {
    this.#end = end;
    this.#state = { ...this.#state, sums: progress.sums };
  }

  async #endEpoch(progress: EpochProgress, validation: Evaluation | undefined): Promise<void> {
    const { model, monitor, observer } = this.#request;
    const { position, history, best } = this.#state;
    const { seconds, steps, loss } = progress.sums;
    const examples = steps * model.specification.batch;
    const plain = {
      epoch: position.epoch,
      step: position.step,
      loss: loss / steps,
      metrics: await progress.means.metrics(model, examples),
      ...(validation && { validation }),
      ...this.#learningRate(),
      seconds,
      samplesPerSecond: seconds > 0 ? examples / seconds : 0,
    };
    const better = monitor && improvement(monitor, plain, best);
    const report: EpochReport = { ...plain, best: better !== undefined };
    const ended: LoopState = {
      position,
      history: [...history.map(withoutArrays), report],
      best: better ?? best,
      sums: noSums,
    };
    this.#state = ended;
    await this.#clock.exclude(() => this.#save(ended, better ? ['best', 'last'] : ['last']));
    observer.epochEnded?.(report);
  }

  /** Tests the last state, and the best one if that is another. */
  async #finish(): Promise<LoopResult> {
    const { data, observer } = this.#request;
    if (this.#end === 'interrupted' || !data.test) return this.#result();
    const { test: examples } = data;
    const test = await this.#evaluate('test', examples, true);
    if (!test) return this.#result();
    observer.tested?.(test, 'last');
    const { best, position } = this.#state;
    const isLast = !best || (best.epoch === position.epoch && position.batch === 0);
    if (isLast) return this.#result({ test });
    const bestTest = await this.#request.withBest?.(() => this.#evaluate('test', examples, false));
    if (!bestTest) return this.#result({ test });
    observer.tested?.(bestTest, 'best');
    return this.#result({ test, bestTest });
  }

  #result(tests: Pick<LoopResult, 'test' | 'bestTest'> = {}): LoopResult {
    return {
      end: this.#request.signal.aborted ? 'interrupted' : this.#end,
      state: this.#state,
      ...tests,
      seconds: this.#clock.seconds,
      steps: this.#steps,
      samplesPerSecond: this.#samplesPerSecond(),
    };
  }

  /** @param examined whether the observer receives each chunk */
  #evaluate(
    part: 'validation' | 'test',
    examples: ExampleSet,
    examined: boolean,
  ): Promise<Evaluation | undefined> {
    const { model, observer, signal } = this.#request;
    return this.#clock.exclude(() =>
      evaluateExamples(model, examples, signal, {
        progressed: (done) => observer.evaluating?.(part, done, examples.count),
        ...(examined && {
          examined: (start, arrays, found) => observer.examined?.(part, start, arrays, found),
        }),
      }),
    );
  }

  async #save(state: LoopState, kinds: readonly ('last' | 'best')[]): Promise<void> {
    const { data, model } = this.#request;
    await checkFinite(model, state.position, data.stepsPerEpoch);
    for (const kind of kinds) await this.#request.save(state, kind);
  }

  #learningRate(): { readonly learningRate?: number } {
    const learningRate = this.#request.learningRate?.(this.#state.position.step);
    return learningRate === undefined ? {} : { learningRate };
  }

  #samplesPerSecond(): number {
    const { seconds } = this.#clock;
    return seconds > 0 ? (this.#steps * this.#request.model.specification.batch) / seconds : 0;
  }
}
