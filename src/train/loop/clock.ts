// Measures a loop's time in steps and in other work, and estimates the rest.

/** Milliseconds since some fixed moment; never decreases. */
export type Now = () => number;

export class Clock {
  /** Time in steps. */
  seconds = 0;
  #excluded = 0;
  #since: number | undefined;
  readonly #end: number;
  readonly #now: Now;

  /** @param maxSeconds after which `isOver` */
  constructor(maxSeconds = Infinity, now: Now = () => performance.now()) {
    this.#now = now;
    this.#end = now() + 1000 * maxSeconds;
  }

  isOver(): boolean {
    return this.#now() >= this.#end;
  }

  start(): void {
    this.#since = this.#now();
  }

  /** Adds the time since `start` and continues. */
  lap(): void {
    const now = this.#now();
    if (this.#since !== undefined) {
      this.seconds += (now - this.#since) / 1000;
      this.#since = now;
    }
  }

  stop(): void {
    this.lap();
    this.#since = undefined;
  }

  /** Runs work that does not count as a step's time: evaluation, saving. */
  async exclude<T>(work: () => Promise<T>): Promise<T> {
    this.lap();
    const from = this.#now();
    try {
      return await work();
    } finally {
      const now = this.#now();
      this.#excluded += (now - from) / 1000;
      if (this.#since !== undefined) this.#since = now;
    }
  }

  /** Estimated seconds for `remaining` steps, from those done so far; 0 before the first. */
  left(remaining: number, taken: number): number {
    return taken === 0 ? 0 : (remaining * (this.seconds + this.#excluded)) / taken;
  }
}
