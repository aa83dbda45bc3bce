import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseLine, showLine, type MetricLine } from '../../../src/train/logs/metric-lines.ts';
import { parseMetrics, readMetrics } from '../../../src/train/logs/metrics-file.ts';
import { openMetricsLog } from '../../../src/train/logs/metrics-log.ts';
import { StepSampler } from '../../../src/train/logs/step-sampling.ts';
import { epochReport, runContext, stepReport } from './run.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nnc-metrics-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const plan = (step: number) => ({
  epochs: 2,
  stepsPerEpoch: 2,
  batch: 4,
  examples: { train: 8, validation: 4, test: 4 },
  from: { epoch: 0, batch: 0, step },
});

/** One part of a run: the steps from `from` on, each logged, with the epochs' ends among them. */
async function trainPart(folder: string, from: number, to: number): Promise<void> {
  // the sampler lets at most 20 lines a second through
  let now = 0;
  const log = await openMetricsLog(runContext(folder, from), () => (now += 1000));
  log.started?.(plan(from));
  for (let step = from + 1; step <= to; step++) {
    log.stepped?.(stepReport(step, { batch: step % 2, loss: step, epoch: Math.floor(step / 2) }));
    if (step % 2 === 0) log.epochEnded?.(epochReport(step / 2, step));
  }
  await log.close(undefined);
}

const stepsOf = (text: string) =>
  parseMetrics(text).lines.flatMap((line) => (line.kind === 'step' ? [line.step] : []));

describe('metrics.jsonl', () => {
  it('holds a line for the start, for steps, for epochs and for the test', async () => {
    const folder = temporaryFolder();
    const log = await openMetricsLog(runContext(folder));
    log.started?.(plan(0));
    log.stepped?.(stepReport(1, { batch: 1, loss: 2 }));
    log.epochEnded?.(epochReport(1, 2));
    log.tested?.({ examples: 4, loss: 0.5, metrics: new Map([['confusion', [1, 2, 3, 4]]]) }, 'best');
    await log.close(undefined);
    const lines = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { kind: 'start', step: 0, epochs: 2, steps_per_epoch: 2, batch: 4 },
      {
        kind: 'step',
        step: 1,
        epoch: 1,
        loss: 2,
        metrics: { accuracy: 0.5 },
        learning_rate: 0.1,
        samples_per_second: 100,
      },
      {
        kind: 'epoch',
        epoch: 1,
        step: 2,
        loss: 1.5,
        validation: { examples: 4, loss: 1.25, metrics: { accuracy: 0.75 } },
        best: true,
      },
      { kind: 'test', state: 'best', result: { loss: 0.5, metrics: { confusion: [1, 2, 3, 4] } } },
    ]);
  });

  it('of a resumed run has every step once, whatever the part before wrote behind its checkpoint', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'metrics.jsonl');
    await trainPart(folder, 0, 4);
    appendFileSync(path, '{"kind":"step","step":5,"epo');
    await trainPart(folder, 2, 5);
    const { lines, damaged } = parseMetrics(readFileSync(path, 'utf8'));
    expect(damaged).toBe(0);
    expect(stepsOf(readFileSync(path, 'utf8'))).toEqual([1, 2, 3, 4, 5]);
    expect(lines.flatMap((line) => (line.kind === 'epoch' ? [line.epoch] : []))).toEqual([1, 2]);
    expect(lines.filter(({ kind }) => kind === 'start').map(({ step }) => step)).toEqual([0, 2]);
  });

  it('is no file, an empty one or a damaged one, and reading it is never an error', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'metrics.jsonl');
    expect(await readMetrics(path)).toEqual({ lines: [], damaged: 0 });
    const whole = [1, 2, 3].map((step) => showLine(stepLine(step))).join('');
    for (let length = 0; length <= whole.length; length++) {
      const { lines, damaged } = parseMetrics(whole.slice(0, length));
      const rest = whole.slice(0, length).split('\n').at(-1) ?? '';
      const finished =
        whole.slice(0, length).split('\n').length - 1 + Number(rest.endsWith('}') && whole[length] === '\n');
      expect([lines.length, damaged]).toEqual([finished, rest === '' || whole[length] === '\n' ? 0 : 1]);
    }
    writeFileSync(path, Buffer.from([0xff, 0xfe, 0, 10, 10]));
    expect(await readMetrics(path)).toEqual({ lines: [], damaged: 1 });
  });

  it('leaves out lines that are none, and those that go back', () => {
    const read = (value: unknown) => parseLine(JSON.stringify(value));
    const step = { kind: 'step', step: 1, epoch: 1, time: 1, loss: 1, metrics: {}, samples_per_second: 1 };
    expect(read(step)).toMatchObject({ step: 1 });
    for (const wrong of [
      null,
      [],
      'step',
      { ...step, kind: 'other' },
      { ...step, step: -1 },
      { ...step, step: 1.5 },
      { ...step, time: 'now' },
      { ...step, loss: 'low' },
      { ...step, epoch: undefined },
    ])
      expect(read(wrong)).toBeUndefined();
    expect(stepsOf([3, 2, 4].map((at) => showLine(stepLine(at))).join(''))).toEqual([3, 4]);
  });

  it('keeps metrics of any name, and not-a-number as such', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.oneof(fc.double(), fc.array(fc.double(), { maxLength: 4 })),
        (name, value) => {
          const line: MetricLine = {
            kind: 'test',
            step: 1,
            time: 1,
            state: 'last',
            result: { examples: 1, loss: NaN, metrics: new Map([[name, value]]) },
          };
          const finite = (number: number) => (Number.isFinite(number) ? number + 0 : NaN);
          const expected = typeof value === 'number' ? finite(value) : value.map(finite);
          const read = parseLine(showLine(line));
          // `__proto__` sets a prototype where a record is made from entries carelessly
          expect(read).toEqual({
            ...line,
            result: { ...line.result, metrics: new Map([[name, expected]]) },
          });
        },
      ),
    );
    expect(parseLine(showLine({ ...stepLine(1), metrics: new Map([['__proto__', 2]]) }))).toMatchObject({
      metrics: new Map([['__proto__', 2]]),
    });
  });
});

function stepLine(step: number) {
  return {
    kind: 'step' as const,
    step,
    epoch: 1,
    time: 1,
    loss: 1 / step,
    metrics: new Map<string, number>(),
    samples_per_second: 1,
  };
}

describe('which steps are logged', () => {
  it('gives means over the steps since the last line, at most 20 a second', () => {
    const sampler = new StepSampler(10);
    const lines = Array.from({ length: 10 }, (_, i) =>
      sampler.add(stepReport(i + 1, { batch: i + 1, loss: i + 1 }), 10 * i, i),
    ).filter((line) => line !== undefined);
    // at 0 ms, then where 50 ms have passed
    expect(lines.map(({ step }) => step)).toEqual([1, 6]);
    expect(lines[1]?.loss).toBe((2 + 3 + 4 + 5 + 6) / 5);
    expect(lines[1]?.metrics).toEqual(new Map([['accuracy', 0.5]]));
  });

  it('is a few thousand of a long run', () => {
    const sampler = new StepSampler(1_000_000);
    let lines = 0;
    for (let step = 1; step <= 100_000; step++)
      if (sampler.add(stepReport(step, { batch: step, loss: 1 }), 100 * step, step)) lines++;
    expect(lines).toBe(500);
  });
});
