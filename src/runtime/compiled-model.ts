// The only implementation of the Model interface: bookkeeping around an executable. Calls are queued and run one at a time, in order; a
// failed call leaves the step counter unchanged. A call's arguments belong to the caller again as soon as it returns: a queued call keeps
// a copy, one that starts at once reads them before it returns (only a state for `load` is not copied).
import { clockInputs, updateClock } from './clock.ts';
import { copyArrays, copyMetrics, copyNumbers } from './copy-arguments.ts';
import { isTurnDue, turnIfDue } from './event-loop.ts';
import { ModelInputError, ModelStateError } from './errors.ts';
import type { Arrays, Executable } from './executable.ts';
import { initializing } from './initialize.ts';
import { overallMetrics, statisticsOf } from './metrics.ts';
import type {
  Evaluation,
  ForwardOptions,
  Gradient,
  Metric,
  Model,
  ModelArrays,
  ModelOptions,
  ModelState,
  Named,
  StartOptions,
  StepResult,
} from './model.ts';
import { checkArrays, describeKind, isObject, numbersOf, portsOf } from './model-input.ts';
import { gradientOf, metricsOf, numberOf, runBatches } from './model-results.ts';
import { modelMetadata, mostSteps, readModelFile } from './model-file.ts';
import type { Preparation } from './preparation/form.ts';
import type { Example } from './preparation/prepare.ts';
import { Preparer } from './preparation/preparer.ts';
import type { Prediction } from './preparation/present.ts';
import { safetensorsHead, writeSafetensors, type TensorView } from './safetensors.ts';
import type { ModelSpecification, ProgramName, StoredTensor } from './specification.ts';
import { elementCount, namedRecord, showShape, type Tensor } from './tensor.ts';

export class CompiledModel implements Model {
  readonly #stored: ReadonlyMap<string, StoredTensor>;
  #seed: number;
  #stepsTaken = 0;
  #totalSteps: number;
  /** By default there are no epochs. */
  #stepsPerEpoch = Number.MAX_SAFE_INTEGER;
  #destroyed = false;
  readonly #preparer: Preparer;
  /** Calls that have not ended, queued ones included. */
  #pending = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    readonly specification: ModelSpecification,
    private readonly executable: Executable,
    options: ModelOptions,
  ) {
    this.#stored = new Map(specification.stored.map((tensor) => [tensor.path, tensor]));
    this.#preparer = new Preparer(specification);
    this.#seed = checkSeed(options.seed ?? specification.train.seed);
    this.#totalSteps = checkSteps('totalSteps', options.totalSteps ?? mostSteps);
  }

  get mode(): string {
    return this.executable.mode;
  }

  get allocated(): number | undefined {
    return this.executable.allocated;
  }

  get seed(): number {
    return this.#seed;
  }

  get stepsTaken(): number {
    return this.#stepsTaken;
  }

  get totalSteps(): number {
    return this.#totalSteps;
  }

  set totalSteps(steps: number) {
    this.#totalSteps = checkSteps('totalSteps', steps);
  }

  get stepsPerEpoch(): number {
    return this.#stepsPerEpoch;
  }

  set stepsPerEpoch(steps: number) {
    this.#stepsPerEpoch = checkSteps('stepsPerEpoch', steps, Number.MAX_SAFE_INTEGER);
  }

  step(batch: ModelArrays): Promise<StepResult> {
    const given = this.#kept(batch, copyArrays);
    return this.#take(async () => {
      const results = await this.#runOneBatch('step', given);
      this.#stepsTaken++;
      const { metrics } = this.specification;
      return {
        loss: numberOf(results, 'loss'),
        metrics: metricsOf(metrics, results),
        statistics: statisticsOf(metrics, results),
      };
    });
  }

  gradient(arrays: ModelArrays): Promise<Gradient> {
    const given = this.#kept(arrays, copyArrays);
    return this.#take(async () => gradientOf(this.specification, await this.#runOneBatch('gradient', given)));
  }

  forward(inputs: ModelArrays, { prepared = false }: ForwardOptions = {}): Promise<Named<Tensor>> {
    const given = this.#kept(inputs, copyArrays);
    // the arrays themselves, which `prepare` may have returned, and not their copies
    const own = isObject(inputs) ? { ...inputs } : inputs;
    return this.#take(async () => {
      this.#needs('forward');
      if (!prepared) this.#preparer.refuseRaw(own);
      const checked = checkArrays(portsOf(this.specification, false), given, undefined);
      return (await runBatches(this.specification, checked, 'forward', this.#run)).outputs;
    });
  }

  get preparation(): Preparation | undefined {
    return this.#preparer.stored?.record;
  }

  prepare(example: Example): Named<Float32Array> {
    return this.#preparer.prepare(example);
  }

  prepareAll(examples: Iterable<Example>): Named<Float32Array> {
    return this.#preparer.prepareAll(examples);
  }

  present(outputs: Named<Tensor>): readonly Prediction[] {
    return this.#preparer.present(outputs);
  }

  async predict(example: Example): Promise<Prediction> {
    const [found] = this.present(await this.forward(this.prepare(example)));
    if (!found) throw new ModelStateError(`the model ${this.specification.name} has no output`);
    return found;
  }

  async predictAll(examples: Iterable<Example>): Promise<readonly Prediction[]> {
    return this.present(await this.forward(this.prepareAll(examples)));
  }

  inverse(outputs: ModelArrays): Promise<Named<Tensor>> {
    const given = this.#kept(outputs, copyArrays);
    return this.#take(async () => {
      this.#needs('inverse');
      const ports = this.specification.outputs.map((output) => ({ ...output, kind: 'real' as const }));
      const checked = checkArrays(ports, given, undefined);
      return (await runBatches(this.specification, checked, 'inverse', this.#run)).outputs;
    });
  }

  evaluate(arrays: ModelArrays): Promise<Evaluation> {
    const given = this.#kept(arrays, copyArrays);
    return this.#take(async () => {
      this.#needs('evaluate');
      const checked = checkArrays(portsOf(this.specification, true), given, undefined);
      return runBatches(this.specification, checked, 'evaluate', this.#run);
    });
  }

  metrics(statistics: Named<Metric>, examples: number): Promise<Named<Metric>> {
    const given = this.#kept(statistics, copyMetrics);
    return this.#take(async () => {
      if (this.specification.metrics.some((metric) => metric.statistics)) this.#needs('metrics');
      return overallMetrics(this.specification, given, examples, this.#run);
    });
  }

  parameters(): Promise<Map<string, Tensor>> {
    return this.#take(() => this.#readAll((tensor) => tensor.storage === 'parameter'));
  }

  read(path: string): Promise<Tensor> {
    return this.#take(async () => {
      const { shape } = this.#find(path);
      return { shape, data: await this.executable.read(path) };
    });
  }

  write(path: string, values: Float32Array | readonly number[]): Promise<void> {
    const given = this.#kept(values, copyNumbers);
    return this.#take(async () => {
      const { shape } = this.#find(path);
      const data = numbersOf(path, given);
      if (data.length !== elementCount(shape)) {
        const expected = `${elementCount(shape)} numbers (shape ${showShape(shape)})`;
        throw new ModelInputError(path, expected, `${data.length} numbers`);
      }
      await this.executable.write(path, data);
    });
  }

  reset(seed: number = this.#seed): Promise<void> {
    return this.#take(() => this.#start(seed, {}));
  }

  /** As `reset`, for a new model: reports its progress, and is aborted by a signal, with the signal's reason. */
  start(watch: StartOptions): Promise<void> {
    return this.#take(() => this.#start(this.#seed, watch));
  }

  async #start(seed: number, { signal, starting }: StartOptions): Promise<void> {
    checkSeed(seed);
    let done = 0;
    for (const tensor of this.#stored.values()) {
      const steps = initializing(tensor, seed);
      let step = steps.next();
      for (; !step.done; step = steps.next()) {
        if (!isTurnDue()) continue;
        starting?.(tensor.path, done, this.#stored.size);
        await turnIfDue();
        signal?.throwIfAborted();
      }
      await this.executable.write(tensor.path, step.value);
      done++;
    }
    this.#seed = seed;
    this.#stepsTaken = 0;
    this.#preparer.stored = undefined;
  }

  save(metadata: ReadonlyMap<string, string> = new Map()): Promise<Uint8Array> {
    const added = new Map(metadata);
    return this.#take(async () => {
      const tensors = await this.#readAll(() => true);
      return writeSafetensors(tensors, this.#metadata(added));
    });
  }

  saveTo(
    write: (bytes: Uint8Array) => Promise<void>,
    metadata: ReadonlyMap<string, string> = new Map(),
  ): Promise<void> {
    const added = new Map(metadata);
    return this.#take(async () => {
      const shapes = new Map([...this.#stored].map(([path, { shape }]) => [path, shape]));
      await write(safetensorsHead(shapes, this.#metadata(added)));
      for (const path of this.#stored.keys()) await write(bytesOf(await this.executable.read(path)));
    });
  }

  snapshot(): Promise<ModelState> {
    return this.#take(async () => {
      const tensors = new Map<string, TensorView>();
      for (const [path, { shape, data }] of await this.#readAll(() => true))
        tensors.set(path, { dtype: 'F32', shape, bytes: bytesOf(data) });
      return { metadata: this.#metadata(new Map()), tensors };
    });
  }

  load(state: Uint8Array | ModelState): Promise<void> {
    return this.#take(async () => {
      if (!(state instanceof Uint8Array || (isObject(state) && 'metadata' in state && 'tensors' in state)))
        throw new ModelInputError('state', 'what `save` or `snapshot` gave', describeKind(state));
      const { progress, preparation, tensors } = readModelFile(this.specification, state);
      for (const [path, data] of tensors) await this.executable.write(path, data);
      this.#preparer.stored = preparation;
      this.#seed = progress.seed;
      this.#stepsTaken = progress.stepsTaken;
      this.#totalSteps = progress.totalSteps;
    });
  }

  destroy(): Promise<void> {
    return this.#queue(async () => {
      if (this.#destroyed) return;
      this.#destroyed = true;
      await this.executable.destroy();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy();
  }

  /** A device has one set of buffers, so that concurrent calls would mix their batches. */
  #take<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue(async () => {
      try {
        if (this.#destroyed) throw new ModelStateError(`the model ${this.specification.name} was destroyed`);
        return await work();
      } finally {
        // After a failure too: a caller that retries in a loop must not block the event loop.
        await turnIfDue();
      }
    });
  }

  /** Starts at once if no other call is running, so that arguments are read before this returns. */
  #queue<T>(work: () => Promise<T>): Promise<T> {
    const running = this.#pending++ === 0 ? work() : this.#last.then(work);
    const settle = () => void this.#pending--;
    this.#last = running.then(settle, settle);
    // A new promise: `running` is awaited by the next call, which would mark its rejection as handled.
    return running.then((value) => value);
  }

  /** A call's argument, or a copy of it if the call is queued. */
  #kept<T>(given: T, copy: (given: T) => T): T {
    return this.#pending === 0 ? given : copy(given);
  }

  #metadata(metadata: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const progress = { stepsTaken: this.#stepsTaken, totalSteps: this.#totalSteps, seed: this.#seed };
    return modelMetadata(this.specification, progress, metadata, this.#preparer.stored);
  }

  #needs(program: ProgramName): void {
    if (this.specification.programs.includes(program)) return;
    const programs = this.specification.programs.join(', ');
    throw new ModelStateError(
      `the model ${this.specification.name} was compiled without its program \`${program}\` (it has ${programs})`,
    );
  }

  #runOneBatch(program: 'step' | 'gradient', arrays: ModelArrays): Promise<Arrays> {
    this.#needs(program);
    const { columns } = checkArrays(portsOf(this.specification, true), arrays, this.specification.batch);
    return this.#run(
      program,
      columns.map(({ port, data }) => [port.name, data] as const),
    );
  }

  readonly #run = (
    program: ProgramName,
    columns: readonly (readonly [string, Float32Array])[],
  ): Promise<Arrays> => {
    const step = this.#stepsTaken + 1;
    const clock = updateClock(this.specification.train, step, this);
    return this.executable.run(program, namedRecord([...columns, ...clockInputs(clock, this.#seed, step)]));
  };

  #find(path: string): StoredTensor {
    const tensor = this.#stored.get(path);
    if (!tensor)
      throw new ModelInputError(path, 'the path of a stored tensor', 'one the model does not have');
    return tensor;
  }

  async #readAll(wanted: (tensor: StoredTensor) => boolean): Promise<Map<string, Tensor>> {
    const tensors = new Map<string, Tensor>();
    for (const tensor of this.#stored.values()) {
      if (!wanted(tensor)) continue;
      tensors.set(tensor.path, { shape: tensor.shape, data: await this.executable.read(tensor.path) });
    }
    return tensors;
  }
}

function bytesOf(data: Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** @throws ModelInputError */
function checkSeed(seed: number): number {
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new ModelInputError('seed', 'a whole number from 0 to 2^53 - 1', String(seed));
}

/** @throws ModelInputError */
function checkSteps(name: string, steps: number, most = mostSteps): number {
  if (Number.isInteger(steps) && steps >= 1 && steps <= most) return steps;
  throw new ModelInputError(name, `a whole number from 1 to ${most}`, String(steps));
}
