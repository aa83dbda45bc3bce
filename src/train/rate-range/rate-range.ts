// The learning-rate range test: one pass in which the rate increases at every step, until the loss diverges. Smith, "Cyclical Learning
// Rates for Training Neural Networks", 2017; with the usual smoothing.
import { updateClock } from '../../runtime/clock.ts';
import type { Model } from '../../runtime/model.ts';
import type { LoopData } from '../loop/loop.ts';
import { turnIfDue } from '../../runtime/event-loop.ts';

export interface RangePoint {
  readonly rate: number;
  /** The batch's loss, before the step with this rate. */
  readonly loss: number;
  /** Exponential moving average of the losses, with the factor `smoothing`. */
  readonly smoothed: number;
}

export interface RangeTest {
  readonly points: readonly RangePoint[];
  /** The rate where the smoothed loss falls fastest; null if it never falls. */
  readonly suggestion: number | null;
  /** The rate of the lowest loss: already too large for training. */
  readonly lowest: number | null;
  readonly end: 'diverged' | 'completed' | 'interrupted';
}

export interface RangeRequest {
  /** A new model, compiled with the schedule `RangeTest(start, end)` and a learning rate of 1. */
  readonly model: Model;
  readonly data: LoopData;
  readonly start: number;
  readonly end: number;
  readonly steps: number;
  readonly signal: AbortSignal;
  stepped?(point: RangePoint, step: number): void;
}

const smoothing = 0.9;
/** A smoothed loss of this many times the lowest counts as diverged. */
const runaway = 4;
/** The first losses are ignored: there has been almost no training. */
const settled = 10;

export async function testRates(request: RangeRequest): Promise<RangeTest> {
  const { model, data, start, end, steps, signal } = request;
  model.totalSteps = steps;
  const points: RangePoint[] = [];
  let sum = 0;
  let weight = 0;
  let lowest = Infinity;
  const finish = (reason: RangeTest['end']): RangeTest => ({
    points,
    suggestion: steepest(points),
    lowest: lowestRate(points),
    end: reason,
  });
  for (let epoch = 0; ; epoch++) {
    for await (const arrays of data.batches(epoch, 0)) {
      if (signal.aborted) return finish('interrupted');
      const { loss } = await model.step(arrays);
      if (!Number.isFinite(loss)) return finish('diverged');
      sum = smoothing * sum + (1 - smoothing) * loss;
      weight = smoothing * weight + 1 - smoothing;
      const smoothed = sum / weight;
      const point = { rate: rateAt(points.length + 1, request), loss, smoothed };
      points.push(point);
      request.stepped?.(point, points.length);
      if (points.length >= settled) {
        if (smoothed > runaway * lowest) return finish('diverged');
        lowest = Math.min(lowest, smoothed);
      }
      if (points.length === steps) return finish('completed');
      await turnIfDue();
    }
    if (points.length === 0 || start >= end) throw new Error('the range test has no steps to take');
  }
}

/** The schedule's rate at a step, counted from 1. */
function rateAt(step: number, { model, start, end, steps }: RangeRequest): number {
  const clock = updateClock(model.specification.train, step, steps);
  return start * (end / start) ** ((clock.step - 1) / Math.max(clock.steps - 1, 1));
}

/** Half-width of the window for a point's slope. */
const reach = 5;

/** The rate, before the lowest smoothed loss, at which the loss falls fastest over the logarithm of the rate. */
function steepest(points: readonly RangePoint[]): number | null {
  const losses = points.map(({ smoothed }) => smoothed);
  const last = losses.indexOf(Math.min(...losses));
  let best: { readonly slope: number; readonly rate: number } | undefined;
  for (let i = reach; i + reach < points.length && i <= last; i++) {
    const slope = (losses[i + reach] ?? 0) - (losses[i - reach] ?? 0);
    const { rate } = points[i] ?? { rate: 0 };
    if (slope < (best?.slope ?? 0)) best = { slope, rate };
  }
  return best ? roundRate(best.rate) : null;
}

function lowestRate(points: readonly RangePoint[]): number | null {
  const losses = points.map(({ smoothed }) => smoothed);
  const point = points[losses.indexOf(Math.min(...losses))];
  return point ? roundRate(point.rate) : null;
}

/** Rounded to one and a half significant digits, the accuracy of the test. */
function roundRate(rate: number): number {
  const power = 10 ** Math.floor(Math.log10(rate));
  const digits = [1, 1.5, 2, 3, 5, 7, 10];
  const nearest = digits.reduce((best, digit) =>
    Math.abs(Math.log(digit * power) - Math.log(rate)) < Math.abs(Math.log(best * power) - Math.log(rate))
      ? digit
      : best,
  );
  return Number((nearest * power).toPrecision(2));
}
