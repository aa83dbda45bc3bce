// The learning-rate range test: one pass in which every step takes a rate a little larger than the one before, until the loss runs
// away. Smith, "Cyclical Learning Rates for Training Neural Networks", 2017; smoothed as is usual since.
import { updateClock } from '../../runtime/clock.ts';
import type { Model } from '../../runtime/model.ts';
import type { LoopData } from '../loop/loop.ts';
import { turnIfDue } from '../../runtime/event-loop.ts';

export interface RangePoint {
  readonly rate: number;
  /** The batch's, before the step of this rate. */
  readonly loss: number;
  /** The mean of the losses so far, the weight of each falling by `smoothing` a step. */
  readonly smoothed: number;
}

export interface RangeTest {
  readonly points: readonly RangePoint[];
  /** Where the smoothed loss falls fastest; null where it never falls. */
  readonly suggestion: number | null;
  /** Where it is lowest: a rate there is already too large to stay with. */
  readonly lowest: number | null;
  readonly end: 'diverged' | 'completed' | 'interrupted';
}

export interface RangeRequest {
  /** Compiled with the schedule `RangeTest(start, end)` and a learning rate of 1, and new. */
  readonly model: Model;
  readonly data: LoopData;
  readonly start: number;
  readonly end: number;
  readonly steps: number;
  readonly signal: AbortSignal;
  stepped?(point: RangePoint, step: number): void;
}

const smoothing = 0.9;
/** A smoothed loss of so many times the lowest is one that ran away. */
const runaway = 4;
/** The first losses are those of nearly no training: the lowest of them says nothing. */
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

/** What the schedule gives for a step, counted from 1. */
function rateAt(step: number, { model, start, end, steps }: RangeRequest): number {
  const clock = updateClock(model.specification.train, step, steps);
  return start * (end / start) ** ((clock.step - 1) / Math.max(clock.steps - 1, 1));
}

/** How far to either side of a point its slope is taken. */
const reach = 5;

/** The rate before the lowest smoothed loss at which that falls fastest along the logarithm of the rate. */
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

/** One significant digit and a half: the test is no more exact than that. */
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
