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
  /** The rate where the loss falls fastest; null if it never falls by more than the noise between batches. */
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
    suggestion: steepest(points) ?? null,
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
  const { train } = model.specification;
  const clock = updateClock(train, step, { totalSteps: steps, stepsPerEpoch: model.stepsPerEpoch });
  return start * (end / start) ** ((clock.step - 1) / Math.max(clock.steps - 1, 1));
}

/** Half-width of the windows over which losses are averaged and slopes taken. */
const reach = 5;
/**
 * How many standard deviations Wilcoxon's sum of ranks must be from its mean, for a fall to be more than noise between batches. As the
 * place is chosen where the fall is greatest, noise alone reaches 3 often; in 200 steps it reaches this fewer than once in a hundred tests.
 */
const significance = 3.7;

/**
 * The rate, before the lowest loss, at which the loss falls fastest over the logarithm of the rate; undefined if the losses before are not
 * above the lowest ones by more than noise. The slope is that of the nearest sequence that never rises, in which noise, which falls and
 * rises again, cancels.
 */
function steepest(points: readonly RangePoint[]): number | undefined {
  const losses = points.map(({ loss }) => loss);
  const lowest = lowestPoint(points);
  const smooth = averaged(neverRising(losses.slice(0, lowest + 1)));
  const slopes = smooth.map((_, i) =>
    i < settled ? 0 : (smooth[i + reach] ?? smooth.at(-1) ?? 0) - (smooth[i - reach] ?? 0),
  );
  const place = slopes.indexOf(Math.min(...slopes));
  const before = losses.slice(0, Math.max(0, Math.min(place, lowest) - reach));
  const after = losses.slice(Math.max(0, lowest - reach), lowest + reach + 1);
  const { rate } = points[place] ?? { rate: 0 };
  return excessOf(before, after) > significance ? roundRate(rate) : undefined;
}

/** By how many standard deviations the ranks of `high` are above those of values that are alike: Wilcoxon, 1945; Mann and Whitney, 1947. */
function excessOf(high: readonly number[], low: readonly number[]): number {
  const pairs = high.length * low.length;
  if (pairs === 0) return 0;
  let above = 0;
  for (const a of high) for (const b of low) above += a > b ? 1 : a === b ? 0.5 : 0;
  return (above - pairs / 2) / Math.sqrt((pairs * (high.length + low.length + 1)) / 12);
}

function lowestRate(points: readonly RangePoint[]): number | null {
  const point = points[lowestPoint(points)];
  return point ? roundRate(point.rate) : null;
}

/** The last of the lowest averages: where nothing is learned, they are equal. */
function lowestPoint(points: readonly RangePoint[]): number {
  const averages = averaged(points.map(({ loss }) => loss));
  return averages.lastIndexOf(Math.min(...averages));
}

/** The nearest sequence that never rises, by least squares: neighbors that rise are pooled until none does. */
function neverRising(values: readonly number[]): number[] {
  const blocks: { sum: number; count: number }[] = [];
  for (const value of values) {
    let block = { sum: value, count: 1 };
    for (let last = blocks.at(-1); last; last = blocks.at(-1)) {
      if (last.sum / last.count > block.sum / block.count) break;
      block = { sum: last.sum + block.sum, count: last.count + block.count };
      blocks.pop();
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ sum, count }) => new Array<number>(count).fill(sum / count));
}

/** Means over the neighbors within reach, fewer at the ends. */
function averaged(values: readonly number[]): number[] {
  return values.map((_, i) => meanOf(values.slice(Math.max(0, i - reach), i + reach + 1)));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
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
