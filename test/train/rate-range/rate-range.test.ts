import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile.ts';
import { scalarProgram } from '../../../src/ir/stages/scalar-program.ts';
import { drawSvg, drawText } from '../../../src/train/rate-range/chart.ts';
import { testRates, type RangePoint } from '../../../src/train/rate-range/rate-range.ts';
import { numbersFrom } from '../../ops/tensors.ts';
import { openInterpreted } from '../interpreted-run.ts';

const text = `model Line {
  input  x: [2]
  target y: [1]
  net { Linear(1) }
  loss      MSE
  optimizer SGD(lr = 0.5, momentum = 0.5)
  schedule  Constant
  train { batch = 2 }
}`;
const source = { path: 'case.nn', text, library: false };
const range = { start: 1e-5, end: 100 };
const compilation = compile(source, {
  overrides: new Map([['lr', '1']]),
  schedule: { name: 'RangeTest', settings: range },
});
const data = {
  stepsPerEpoch: 3,
  trainExamples: 6,
  *batches() {
    for (const x of [1, -2, 0.5]) yield { x: [x, 1, 2 * x, -1], y: [3 * x + 1, 6 * x - 1] };
  },
};

/** A range test of a model whose losses are known. */
async function lossesOf(lossAt: (rate: number) => number) {
  const model = await openInterpreted(compilation);
  const [start, end, steps] = [1e-7, 10, 200];
  let step = 0;
  model.step = () =>
    Promise.resolve({
      loss: lossAt(start * (end / start) ** (step++ / (steps - 1))),
      metrics: {},
      statistics: {},
    });
  return { model, data, start, end, steps, signal: new AbortController().signal };
}

describe('the range test', () => {
  it('raises the rate from step to step until the loss runs away', async () => {
    const model = await openInterpreted(compilation);
    const seen: RangePoint[] = [];
    const found = await testRates({
      ...{ model, data, ...range, steps: 60, signal: new AbortController().signal },
      stepped: (point) => void seen.push(point),
    });
    expect(found.end).toBe('diverged');
    expect(found.points).toEqual(seen);
    const ratios = seen.slice(1).map(({ rate }, i) => rate / (seen[i]?.rate ?? 0));
    ratios.forEach((ratio) => expect(ratio).toBeCloseTo(10 ** (7 / 59), 6));
    // far below the rate at which it ran away, far above that at which nothing happens
    expect(found.suggestion).toBeGreaterThan(1e-3);
    expect(found.suggestion).toBeLessThan(0.5 * (seen.at(-1)?.rate ?? 0));
    expect(found.lowest).toBeGreaterThan(found.suggestion ?? Infinity);
    // the rates it says are those the model took
    const factor = compilation.learningRate?.factor;
    const rateOf = factor && scalarProgram(factor);
    seen.forEach(({ rate }, i) => {
      const taken =
        rateOf?.(
          new Map([
            ['step', i + 1],
            ['steps', 60],
          ]),
        ) ?? NaN;
      expect(taken / rate).toBeCloseTo(1, 5);
    });
  });

  it('tells a fall of the loss from the noise between batches', async () => {
    // rounds of losses that only differ by their batches, then a fall as the rate comes near 1, whatever the noise draws
    const learning = (rate: number) => 20 / (1 + (rate / 0.02) ** 2) + (rate > 0.5 ? 100 * rate : 0);
    for (let seed = 1; seed <= 20; seed++) {
      const random = numbersFrom(seed);
      const noise = () => 1 + 0.8 * (random() + random() - 1);
      const { suggestion } = await testRates(await lossesOf((rate) => learning(rate) * noise()));
      expect(suggestion).toBeGreaterThanOrEqual(0.003);
      expect(suggestion).toBeLessThanOrEqual(0.07);
    }
  });

  it('suggests nothing where the loss falls by no more than that noise', async () => {
    let found = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const random = numbersFrom(seed);
      const { suggestion } = await testRates(await lossesOf(() => 5 + random()));
      if (suggestion !== null) found++;
    }
    expect(found).toBeLessThanOrEqual(1);
  });

  it('ends at a signal', async () => {
    const controller = new AbortController();
    const model = await openInterpreted(compilation);
    const found = await testRates({
      ...{ model, data, ...range, steps: 60, signal: controller.signal },
      stepped: (_, step) => void (step === 5 && controller.abort()),
    });
    expect([found.end, found.points.length]).toEqual(['interrupted', 5]);
  });

  it('is drawn', async () => {
    const model = await openInterpreted(compilation);
    const found = await testRates({
      ...{ model, data, ...range, steps: 60 },
      signal: new AbortController().signal,
    });
    const lines = drawText(found, 60, 8).split('\n');
    expect(lines).toHaveLength(10);
    for (const line of lines.slice(0, 8)) expect(line).toHaveLength(60);
    expect(lines.at(-1)).toContain(`↑ ${found.suggestion}`);
    const svg = drawSvg(found, '<script> & Co');
    expect(svg).toContain('&lt;script&gt; &amp; Co');
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(svg).not.toMatch(/NaN|undefined|href|<script/);
  });
});

describe('the learning rate of a compilation', () => {
  it('is the rate, and the schedule as a program of the step', () => {
    const scheduled = compile({ ...source, text: text.replace('Constant', 'Cosine(warmup = 4)') });
    const { rate, factor } = scheduled.learningRate ?? {};
    expect(rate).toBe(0.5);
    const at = factor && scalarProgram(factor);
    const factors = [1, 2, 4, 5, 12].map(
      (step) =>
        at?.(
          new Map([
            ['step', step],
            ['steps', 12],
          ]),
        ) ?? NaN,
    );
    const cosine = (step: number) => 0.5 * (1 + Math.cos((Math.PI * (step - 5)) / 8));
    [0.25, 0.5, 1, 1, cosine(12)].forEach((expected, i) => expect(factors[i]).toBeCloseTo(expected, 6));
    const overridden = compile(source, { overrides: new Map([['lr', '0.25']]) });
    expect(overridden.learningRate?.rate).toBe(0.25);
  });
});
