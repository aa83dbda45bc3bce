// How long a loop has taken in its steps, and apart from them, and how long it will take.

export class Clock {
  /** In steps. */
  seconds = 0;
  #apart = 0;
  #since: number | undefined;
  readonly #end: number;

  /** @param maxSeconds after which `isOver` */
  constructor(maxSeconds = Infinity) {
    this.#end = performance.now() + 1000 * maxSeconds;
  }

  isOver(): boolean {
    return performance.now() >= this.#end;
  }

  start(): void {
    this.#since = performance.now();
  }

  /** Adds what has passed since `start` and goes on. */
  lap(): void {
    const now = performance.now();
    if (this.#since !== undefined) {
      this.seconds += (now - this.#since) / 1000;
      this.#since = now;
    }
  }

  stop(): void {
    this.lap();
    this.#since = undefined;
  }

  /** Work that is not a step's: evaluation, saving. */
  async apart<T>(work: () => Promise<T>): Promise<T> {
    this.lap();
    const from = performance.now();
    try {
      return await work();
    } finally {
      const now = performance.now();
      this.#apart += (now - from) / 1000;
      if (this.#since !== undefined) this.#since = now;
    }
  }

  /** Seconds that so many steps take, if they go as those of this clock did; 0 before the first. */
  left(remaining: number, taken: number): number {
    return taken === 0 ? 0 : (remaining * (this.seconds + this.#apart)) / taken;
  }
}
