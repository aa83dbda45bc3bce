import { describe, expect, it } from 'vitest';
import { createModel } from '../../../src/runtime/create-model.ts';
import type { Arrays, Executable } from '../../../src/runtime/executable.ts';
import type { Model } from '../../../src/runtime/model.ts';
import type { ModelSpecification, ProgramName } from '../../../src/runtime/specification.ts';
import type { EpochReport, LoopPlan, Position, StepReport } from '../../../src/train/loop/events.ts';
import { DivergedError } from '../../../src/train/loop/failure.ts';
import { atStart, type LoopState } from '../../../src/train/loop/state.ts';
import { trainingLoop, type LoopData, type LoopRequest } from '../../../src/train/loop/loop.ts';

const batch = 4;

const specification: ModelSpecification = {
  format: 1,
  name: 'Mean',
  source: 'mean.nn',
  target: 'none',
  batch,
  inputs: [{ name: 'x', shape: [], kind: 'real' }],
  targets: [],
  outputs: [{ name: 'y', shape: [] }],
  metrics: [
    { name: 'above', shape: [] },
    { name: 'signs', shape: [2] },
  ],
  stored: [{ path: 'w', shape: [], storage: 'parameter', initial: { kind: 'fill', value: 0 } }],
  programs: ['forward', 'evaluate', 'step'],
  train: { epochs: 3, batch, seed: 1, validation: 0 },
  memory: { parameters: 4, gradients: 4, states: 0, activations: 16, padding: 0, scratch: 0, page: 1 },
  fingerprint: 'mean',
};

/** Learns the mean of its inputs: loss (x - w)² / 2, and a step of a half along its gradient. */
class MeanExecutable implements Executable {
  readonly mode = 'by hand';
  w = 0;
  /** Steps whose loss comes out as this value instead, by number from 1. */
  readonly faults = new Map<number, number>();
  /** Steps after which the parameter is spoilt. */
  readonly spoils = new Set<number>();
  evaluated: number[] = [];

  async run(program: ProgramName, inputs: Arrays): Promise<Arrays> {
    const x = inputs['x'] ?? new Float32Array();
    const losses = x.map((value) => (value - this.w) ** 2 / 2);
    if (program === 'step') {
      const step = inputs['step']?.[0] ?? NaN;
      const loss = this.faults.get(step) ?? losses.reduce((sum, value) => sum + value, 0) / x.length;
      this.w += 0.5 * (x.reduce((sum, value) => sum + value, 0) / x.length - this.w);
      if (this.spoils.has(step)) this.w = NaN;
      const above = x.filter((value) => value > 0).length / x.length;
      return {
        loss: Float32Array.of(loss),
        'metric.above': Float32Array.of(above),
        'metric.signs': Float32Array.of(above, 1 - above),
      };
    }
    this.evaluated.push(...x);
    return {
      loss: losses,
      'output.y': x.map((value) => value - this.w),
      'metric.above': x.map((value) => (value > 0 ? 1 : 0)),
      'metric.signs': Float32Array.from([...x].flatMap((value) => (value > 0 ? [1, 0] : [0, 1]))),
    };
  }

  async read(): Promise<Float32Array> {
    return Float32Array.of(this.w);
  }

  async write(_path: string, values: Float32Array): Promise<void> {
    this.w = values[0] ?? NaN;
  }

  async destroy(): Promise<void> {
    this.w = NaN;
  }
}

const examplesOf = (values: readonly number[]) => ({
  count: values.length,
  slice: (start: number, end: number) => ({ x: Float32Array.from(values.slice(start, end)) }),
});

/** Three batches an epoch; their numbers depend on epoch and batch. */
const batchesOf = (epoch: number): Float32Array[] =>
  [0, 1, 2].map((index) => Float32Array.from({ length: batch }, (_, i) => epoch + index - i));

const data: LoopData = {
  stepsPerEpoch: 3,
  trainExamples: 13,
  *batches(epoch, from) {
    for (const x of batchesOf(epoch).slice(from)) yield { x };
  },
};

interface Run {
  readonly model: Model;
  readonly executable: MeanExecutable;
  readonly saved: { readonly position: Position; readonly w: number; readonly state: LoopState }[];
  readonly events: { plan?: LoopPlan; steps: StepReport[]; epochs: EpochReport[]; evaluated: string[] };
  readonly request: LoopRequest;
  readonly controller: AbortController;
}

async function setUp(changes: Partial<LoopRequest> = {}): Promise<Run> {
  const executable = new MeanExecutable();
  const model = await createModel(specification, async () => executable, {});
  const saved: Run['saved'] = [];
  const events: Run['events'] = { steps: [], epochs: [], evaluated: [] };
  const controller = new AbortController();
  const request: LoopRequest = {
    model,
    data,
    epochs: 3,
    from: atStart,
    observer: {
      started: (plan) => void (events.plan = plan),
      stepped: (report) => void events.steps.push(report),
      evaluating: (part, done, total) => void events.evaluated.push(`${part} ${done}/${total}`),
      epochEnded: (report) => void events.epochs.push(report),
    },
    signal: controller.signal,
    save: async (state, kind) => {
      if (kind === 'last') saved.push({ position: state.position, w: executable.w, state });
    },
    ...changes,
  };
  return { model, executable, saved, events, request, controller };
}

describe('trainingLoop', () => {
  it('takes every batch of every epoch once and reports means', async () => {
    const run = await setUp();
    const result = await trainingLoop(run.request);

    expect(result).toMatchObject({
      end: 'completed',
      steps: 9,
      state: { position: { epoch: 3, batch: 0, step: 9 } },
    });
    expect(run.model.stepsTaken).toBe(9);
    expect(run.events.plan).toMatchObject({
      epochs: 3,
      stepsPerEpoch: 3,
      batch,
      examples: { train: 13, validation: 0, test: 0 },
    });
    const losses = run.events.steps.map((report) => report.loss);
    expect(losses).toHaveLength(9);
    expect(result.state.history.map((report) => report.loss)).toEqual(
      [0, 3, 6].map((from) => losses.slice(from, from + 3).reduce((sum, loss) => sum + loss, 0) / 3),
    );
    // of the batches 0 -1 -2 -3, 1 0 -1 -2, 2 1 0 -1 three of twelve numbers are above 0
    expect(run.events.epochs[0]?.metrics).toEqual(
      new Map<string, number | number[]>([
        ['above', 0.25],
        ['signs', [0.25, 0.75]],
      ]),
    );
    expect(run.saved.map(({ position }) => position.epoch)).toEqual([1, 2, 3]);
  });

  it('evaluates every example of validation and test exactly once, whatever the batch', async () => {
    const validation = [1, 2, 3, 4, 5];
    const test = [-1, 7, 0, 0.5, 2, 2];
    const run = await setUp({
      epochs: 1,
      data: { ...data, validation: examplesOf(validation), test: examplesOf(test) },
    });
    const result = await trainingLoop(run.request);

    const w = run.executable.w;
    const mean = (values: readonly number[]) =>
      values.reduce((sum, value) => sum + (value - w) ** 2 / 2, 0) / values.length;
    expect(result.state.history[0]?.validation?.loss).toBeCloseTo(mean(validation), 5);
    expect(result.test?.loss).toBeCloseTo(mean(test), 5);
    expect(result.test?.examples).toBe(6);
    expect(result.test?.metrics.get('above')).toBeCloseTo(4 / 6, 6);
    expect(run.events.evaluated).toEqual(['validation 5/5', 'test 6/6']);
  });

  it('evaluates in pieces of whole batches', async () => {
    const test = Array.from({ length: 1030 }, (_, i) => (i % 7) - 3);
    const run = await setUp({ epochs: 1, data: { ...data, test: examplesOf(test) } });
    const result = await trainingLoop(run.request);

    expect(run.events.evaluated).toEqual(['test 512/1030', 'test 1024/1030', 'test 1030/1030']);
    // the last batch of 6 is two of 4, filled up with its last example
    expect(run.executable.evaluated).toEqual([...test, test[1029], test[1029]]);
    expect(result.test?.metrics.get('above')).toBeCloseTo(test.filter((x) => x > 0).length / 1030, 6);
  });

  it('goes on where an interrupted run ended, and ends in the same state', async () => {
    const whole = await setUp();
    await trainingLoop(whole.request);

    const first = await setUp();
    let steps = 0;
    const interrupted = await trainingLoop({
      ...first.request,
      observer: {
        ...first.request.observer,
        stepped: () => {
          if (++steps === 5) first.controller.abort();
        },
      },
    });
    expect(interrupted).toMatchObject({
      end: 'interrupted',
      steps: 5,
      state: { position: { epoch: 1, batch: 2, step: 5 } },
    });
    expect(interrupted.test).toBeUndefined();
    expect(first.saved.at(-1)?.state).toEqual(interrupted.state);

    const second = await setUp({ from: interrupted.state });
    await second.model.load(await first.model.save());
    const resumed = await trainingLoop(second.request);
    expect(resumed).toMatchObject({
      end: 'completed',
      steps: 4,
      state: { position: { epoch: 3, batch: 0, step: 9 } },
    });
    expect(second.executable.w).toBe(whole.executable.w);
  });

  it('keeps nothing where it is interrupted before its first step', async () => {
    const run = await setUp({ now: () => 0 });
    run.controller.abort();
    expect(await trainingLoop(run.request)).toMatchObject({ end: 'interrupted', steps: 0, seconds: 0 });
    expect([run.saved, run.model.stepsTaken]).toEqual([[], 0]);
  });

  it('hears an interruption while it evaluates', async () => {
    const test = examplesOf(Array.from({ length: 2000 }, () => 1));
    const run = await setUp({ epochs: 1, data: { ...data, test } });
    const result = await trainingLoop({
      ...run.request,
      observer: { ...run.request.observer, evaluating: () => run.controller.abort() },
    });
    expect(result.end).toBe('interrupted');
    expect(result.test).toBeUndefined();
    expect(run.executable.evaluated).toHaveLength(512);
    expect(run.saved).toHaveLength(1);
  });

  it('lets timers run while steps never wait for anything', async () => {
    const endless: LoopData = {
      ...data,
      stepsPerEpoch: Number.MAX_SAFE_INTEGER,
      *batches() {
        for (;;) yield { x: Float32Array.of(0, 0, 0, 0) };
      },
    };
    const run = await setUp({ data: endless });
    setTimeout(() => run.controller.abort(), 0);
    expect((await trainingLoop(run.request)).end).toBe('interrupted');
  });

  it.each([
    ['NaN', NaN, 'not a number'],
    ['an infinity', Infinity, 'infinite'],
  ])('stops at %s in the loss before anything is saved over', async (_, fault, text) => {
    const run = await setUp();
    run.executable.faults.set(5, fault);
    const failure = await trainingLoop(run.request).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DivergedError);
    expect((failure as DivergedError).message).toBe(
      `the loss became ${text} in epoch 2, step 2 (step 5 of the run)`,
    );
    expect(run.saved.map(({ position }) => position)).toEqual([{ epoch: 1, batch: 0, step: 3 }]);
  });

  it('finds a parameter that the last step of an epoch spoilt', async () => {
    const run = await setUp();
    run.executable.spoils.add(6);
    await expect(trainingLoop(run.request)).rejects.toThrow(
      'the parameter w became not a number in epoch 2, step 3 (step 6 of the run)',
    );
    expect(run.saved).toHaveLength(1);
  });

  it('judges by the validation loss as well', async () => {
    const run = await setUp({ data: { ...data, validation: examplesOf([1, NaN]) } });
    await expect(trainingLoop(run.request)).rejects.toThrow(
      'the validation loss became not a number in epoch 1',
    );
    expect(run.saved).toHaveLength(0);
  });

  it('ends where the loss has risen a millionfold, and leaves a thousandfold rise alone', async () => {
    const first = 2.5;
    const healthy = await setUp();
    for (const [step, rise] of [
      [2, 10],
      [3, 1000],
      [4, 100],
      [5, 99_000],
    ] as const)
      healthy.executable.faults.set(step, first * rise);
    await trainingLoop({ ...healthy.request });
    expect(healthy.saved).toHaveLength(3);

    const exploding = await setUp();
    exploding.executable.faults.set(1, first).set(4, 1.1e6 * first);
    const failure = await trainingLoop(exploding.request).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(DivergedError);
    expect((failure as DivergedError).message).toBe(
      'the loss became 2.75e+6 in epoch 2, step 1 (step 4 of the run), more than a million times what it was at first',
    );
    expect(exploding.saved).toHaveLength(1);
  });

  it('measures a rise from 1 where the first loss is nearly zero or negative', async () => {
    for (const first of [1e-9, -0.3]) {
      const { executable, request } = await setUp();
      executable.faults.set(1, first).set(2, 0.9e6);
      expect((await trainingLoop(request)).end).toBe('completed');
    }
  });

  it('does not take an epoch that ends early for a complete one', async () => {
    const short: LoopData = { ...data, stepsPerEpoch: 4 };
    const run = await setUp({ data: short });
    await expect(trainingLoop(run.request)).rejects.toThrow('epoch 1 ended after 3 of 4 batches');
  });
});
