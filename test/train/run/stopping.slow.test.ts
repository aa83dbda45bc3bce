// How a run ends before its last epoch, and what it keeps of its best.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../../src/diagnostics/diagnostic.ts';
import { readCheckpoint } from '../../../src/train/checkpoint/checkpoint.ts';
import { dryRun } from '../../../src/train/run/dry-run.ts';
import type { EpochReport, StepReport } from '../../../src/train/loop/events.ts';
import { pointsCsv } from '../../cli/points.ts';
import {
  compileText,
  filesOf,
  openInterpreted,
  placesIn,
  runInterpreted,
  testFolder,
} from '../interpreted-run.ts';

const program = (train: string, rate = 0.1, gamma = 0.5) => `model Points {
  input  x: [2]
  target kind: class(2)
  net { Linear(4)  Tanh  Linear(2) }
  loss      CrossEntropy
  optimizer SGD(lr = ${rate})
  schedule  Exponential(gamma = ${gamma})
  metrics   accuracy
  data  csv("points.csv", target = "kind", test = 0.25)
  train { batch = 16  seed = 1  ${train} }
}`;

const codeOf = (run: Promise<unknown>) =>
  run.then(
    () => 'nothing',
    (error: unknown) => (error instanceof DiagnosticError ? error.diagnostics[0]?.code : String(error)),
  );

describe('early stopping', () => {
  it('ends after as many epochs without a better one as patience says; best and last are kept', async () => {
    const folder = testFolder({ 'points.csv': pointsCsv() });
    // at this rate the validation loss rises and falls
    const compilation = compileText(program('epochs = 60  validation = 0.3  patience = 3', 3, 0.999));
    const epochs: EpochReport[] = [];
    const record = await runInterpreted({
      compilation,
      folder,
      changes: { observers: [{ epochEnded: (report) => void epochs.push(report) }] },
    });
    const losses = epochs.map(({ validation }) => validation?.loss ?? NaN);
    const best = losses.indexOf(Math.min(...losses)) + 1;
    expect(record).toMatchObject({ ended: 'stopped', epochs: best + 3, interrupted: false });
    expect(record.best).toMatchObject({ metric: 'validation_loss', value: losses[best - 1], epoch: best });
    expect(epochs.filter((report) => report.best).at(-1)?.epoch).toBe(best);
    expect((await readCheckpoint(join(folder, 'run/checkpoint-best.safetensors'))).training.epoch).toBe(best);
    expect((await readCheckpoint(join(folder, 'run/checkpoint-last.safetensors'))).training.epoch).toBe(
      best + 3,
    );
    // the best epoch's weights have a test of their own
    expect(record.best?.test?.['loss']).not.toBe(record.test?.['loss']);
    expect(filesOf(join(folder, 'run'))).toEqual([
      'checkpoint-best.safetensors',
      'checkpoint-last.safetensors',
      'config.json',
      'run.json',
    ]);
    expect(JSON.parse(readFileSync(join(folder, 'run/run.json'), 'utf8'))).toEqual(record);

    // what is resumed has no patience left
    const resume = await readCheckpoint(record.checkpoint ?? '');
    const again = await runInterpreted({ compilation, folder, resume });
    expect(again).toMatchObject({ ended: 'stopped', epochs: best + 3, steps: record.steps });
  });

  it('watches what it is told to, and takes its direction from the name', async () => {
    const folder = testFolder({ 'points.csv': pointsCsv() });
    const compilation = compileText(program('epochs = 3  monitor = accuracy'));
    const record = await runInterpreted({ compilation, folder });
    const accuracies = record.history.map((epoch) => Number(epoch['accuracy']));
    expect(record.best).toMatchObject({ metric: 'accuracy', value: Math.max(...accuracies) });
  });

  it.each([
    ['a metric that there is not', 'epochs = 1  monitor = acuracy', 'monitor.unknown'],
    ['a validation metric without validation', 'epochs = 1  monitor = validation_loss', 'monitor.unknown'],
    ['patience without anything to watch', 'epochs = 1  patience = 2', 'patience.unmonitored'],
  ])('refuses %s before anything is trained', async (_, train, code) => {
    const folder = testFolder({ 'points.csv': pointsCsv() });
    expect(await codeOf(runInterpreted({ compilation: compileText(program(train)), folder }))).toBe(code);
    expect(filesOf(folder)).toEqual(['points.csv']);
  });
});

it('ends when its time is used up, and is tested; what is resumed ends like one that had more time', async () => {
  const folder = testFolder({ 'points.csv': pointsCsv() });
  const compilation = compileText(program('epochs = 3  validation = 0.2'));
  const whole = await runInterpreted({ compilation, folder, changes: { places: placesIn(folder, 'whole') } });
  let now = 0;
  const first = await runInterpreted({
    compilation,
    folder,
    changes: {
      maxSeconds: 4,
      // every step takes a second, evaluation and saving nothing
      now: () => now,
      observers: [{ stepped: () => void (now += 1000) }],
    },
  });
  expect(first.ended).toBe('out of time');
  expect(first.test?.['examples']).toBe(50);
  expect(first.steps).toBe(4);
  const resume = await readCheckpoint(first.checkpoint ?? '');
  const second = await runInterpreted({ compilation, folder, resume });
  expect([second.losses, second.test, second.steps]).toEqual([whole.losses, whole.test, whole.steps]);
});

it('trains, validates and tests on a few examples', async () => {
  const folder = testFolder({ 'points.csv': pointsCsv() });
  const compilation = compileText(program('epochs = 2  validation = 0.2'));
  const record = await runInterpreted({ compilation, folder, changes: { wishes: { overfit: 32 } } });
  expect(record).toMatchObject({ steps: 4, validation: { examples: 32 }, test: { examples: 32 } });
  expect(record.test).toEqual(record.validation);
  const tooMany = runInterpreted({ compilation, folder, changes: { wishes: { overfit: 151 } } });
  expect(await codeOf(tooMany)).toBe('data.overfit');
});

it('tells the learning rate of each step, and what the run is', async () => {
  const folder = testFolder({ 'points.csv': pointsCsv() });
  const compilation = compileText(program('epochs = 1  patience = 4  monitor = loss'));
  const steps: StepReport[] = [];
  const record = await runInterpreted({
    compilation,
    folder,
    changes: {
      observers: [{ stepped: (report) => void steps.push(report) }],
      learningRate: (step, total) => step / total,
      about: { nnc: '1' },
    },
  });
  expect(steps.map(({ learningRate }) => learningRate)).toEqual(steps.map((_, i) => (i + 1) / steps.length));
  expect(record.history[0]?.['learning_rate']).toBe(1);
  expect(steps.at(-1)).toMatchObject({ secondsLeft: 0, position: { epoch: 1, batch: 0 } });
  expect(steps[0]?.metrics.get('accuracy')).toBeGreaterThan(0);
  expect(JSON.parse(readFileSync(join(folder, 'run/config.json'), 'utf8'))).toMatchObject({
    model: 'Points',
    mode: 'the interpreter',
    from: { epoch: 0, batch: 0, step: 0 },
    settings: { epochs: 1, batch: 16, seed: 1, validation: 0, patience: 4, monitor: 'loss' },
    monitor: { name: 'loss', better: 'lower' },
    stepsPerEpoch: 9,
    data: { name: 'csv', classes: ['above', 'below'], preprocessing: { source: 'csv' } },
    parameters: 22,
    about: { nnc: '1' },
  });
});

it('keeps a checkpoint within the epoch where it is asked to', async () => {
  const folder = testFolder({ 'points.csv': pointsCsv() });
  const compilation = compileText(program('epochs = 1'));
  const positions: string[] = [];
  const places = placesIn(folder);
  const run = runInterpreted({
    compilation,
    folder,
    changes: {
      checkpointEvery: 4,
      places: {
        ...places,
        checkpoint: (kind) => {
          positions.push(kind);
          return places.checkpoint(kind);
        },
      },
    },
  });
  await run;
  // after steps 4 and 8, and after the epoch's ninth; the best is named by the record
  expect(positions.filter((kind) => kind === 'last')).toHaveLength(3);
});

it('tries everything in a dry run, and writes nothing', async () => {
  const folder = testFolder({ 'points.csv': pointsCsv() });
  const compilation = compileText(program('epochs = 3  validation = 0.2'));
  const found = await dryRun({
    specification: compilation.specification,
    create: (options) => openInterpreted(compilation, options),
    wishes: {},
    folder,
  });
  expect(found).toMatchObject({ model: 'Points', parameters: 22, epochs: 3, stepsPerEpoch: 7 });
  expect(found.loss).toBeGreaterThan(0);
  expect(found.memory.find(({ name }) => name === 'data')?.bytes).toBeGreaterThan(200 * 3 * 4);
  expect(filesOf(folder)).toEqual(['points.csv']);
});
