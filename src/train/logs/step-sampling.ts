// Samples the steps to log: now and then a line with the means over the steps since the previous one. At most about 5,000 lines per run,
// and at most 20 per second, so that logging does not slow down a fast model.
import type { StepReport } from '../loop/events.ts';
import type { StepLine } from './metric-lines.ts';

const mostLines = 5000;
/** Minimum milliseconds between two lines. */
const leastInterval = 50;

export class StepSampler {
  readonly #every: number;
  #last = -Infinity;
  #steps = 0;
  #loss = 0;
  #metrics = new Map<string, number>();

  /** @param steps of the complete run */
  constructor(steps: number) {
    this.#every = Math.max(1, Math.ceil(steps / mostLines));
  }

  /**
   * Counts the step; returns a line when one is due.
   * @param now milliseconds, monotonic
   * @param time seconds since 1970
   */
  add(report: StepReport, now: number, time: number): StepLine | undefined {
    this.#steps++;
    this.#loss += report.loss;
    for (const [name, value] of report.metrics) {
      if (typeof value === 'number') this.#metrics.set(name, (this.#metrics.get(name) ?? 0) + value);
    }
    const { position } = report;
    const endsEpoch = position.batch === 0;
    const due = this.#last === -Infinity || endsEpoch || this.#steps >= this.#every;
    if (!due || now - this.#last < leastInterval) return undefined;
    const steps = this.#steps;
    const line: StepLine = {
      kind: 'step',
      step: position.step,
      // after an epoch's last step the position already counts that epoch as complete
      epoch: endsEpoch ? position.epoch : position.epoch + 1,
      time,
      loss: this.#loss / steps,
      metrics: new Map([...this.#metrics].map(([name, sum]) => [name, sum / steps])),
      ...(report.learningRate !== undefined && { learning_rate: report.learningRate }),
      samples_per_second: report.samplesPerSecond,
    };
    this.#last = now;
    this.#steps = 0;
    this.#loss = 0;
    this.#metrics = new Map();
    return line;
  }
}
