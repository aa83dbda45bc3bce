// A run's curves, for a page: receives the lines of its metrics.jsonl as they are logged, and returns the points for each name (loss,
// accuracy, learning rate, …). Runs in browsers; the sender has validated the lines.

/** A parsed log line; see src/train/logs/metric-lines.ts. */
export interface LineJson {
  readonly kind: 'start' | 'step' | 'epoch' | 'test';
  readonly step: number;
  readonly time: number;
  readonly epochs?: number;
  readonly steps_per_epoch?: number;
  readonly epoch?: number;
  readonly loss?: number | null;
  readonly metrics?: Metrics;
  readonly validation?: { readonly loss: number | null; readonly metrics: Metrics };
  readonly result?: { readonly loss: number | null; readonly metrics: Metrics };
  readonly learning_rate?: number | null;
  readonly samples_per_second?: number | null;
}

type Metrics = { readonly [name: string]: number | null | readonly (number | null)[] };

/** The source of a point: single steps, an epoch's mean over them, or the validation part. */
export type Part = 'steps' | 'epochs' | 'validation';

export type Axis = 'step' | 'epoch' | 'time';

export interface Points {
  readonly x: readonly number[];
  /** Null for NaN. */
  readonly y: readonly (number | null)[];
}

interface Sample {
  readonly step: number;
  readonly time: number;
  readonly value: number | null;
}

export class RunCurves {
  /** The run's current step. */
  step = 0;
  epoch = 0;
  /** The planned number of epochs. */
  epochs = 0;
  readonly test = new Map<string, number>();
  #stepsPerEpoch = 1;
  #begun: number | undefined;
  readonly #samples = new Map<string, Map<Part, Sample[]>>();

  add(line: LineJson): void {
    const { step, time } = line;
    this.#begun ??= time;
    this.step = step;
    switch (line.kind) {
      case 'start':
        this.epochs = line.epochs ?? 0;
        this.#stepsPerEpoch = Math.max(1, line.steps_per_epoch ?? 1);
        return;
      case 'step':
        this.#addAll('steps', line, line.loss, line.metrics);
        this.#addOne('learning rate', 'steps', line, line.learning_rate);
        this.#addOne('samples a second', 'steps', line, line.samples_per_second);
        return;
      case 'epoch':
        this.epoch = line.epoch ?? 0;
        this.#addAll('epochs', line, line.loss, line.metrics);
        if (line.validation) this.#addAll('validation', line, line.validation.loss, line.validation.metrics);
        return;
      case 'test':
        if (!line.result) return;
        for (const [name, value] of [
          ['loss', line.result.loss] as const,
          ...Object.entries(line.result.metrics),
        ])
          if (typeof value === 'number') this.test.set(name, value);
    }
  }

  /** The names of the curves: the loss first, then the metrics, the learning rate and the speed. */
  names(): string[] {
    const last = ['learning rate', 'samples a second'];
    const found = [...this.#samples.keys()];
    return [...found.filter((name) => !last.includes(name)), ...last.filter((name) => found.includes(name))];
  }

  /** The last value, from the first of these parts that has one. */
  latest(name: string, ...parts: readonly Part[]): number | undefined {
    for (const part of parts) {
      const value = this.#samples.get(name)?.get(part)?.at(-1)?.value;
      if (typeof value === 'number') return value;
    }
    return undefined;
  }

  /** @param smoothing 0 for unchanged values; closer to 1 for longer exponential moving averages (with bias correction) */
  points(name: string, part: Part, axis: Axis, smoothing: number): Points {
    const samples = this.#samples.get(name)?.get(part) ?? [];
    let mean = 0;
    let weight = 0;
    const y = samples.map(({ value }) => {
      if (value === null) return null;
      mean = smoothing * mean + (1 - smoothing) * value;
      weight = smoothing * weight + (1 - smoothing);
      return mean / weight;
    });
    return { x: samples.map((sample) => this.#place(sample, axis)), y };
  }

  #place({ step, time }: Sample, axis: Axis): number {
    if (axis === 'step') return step;
    return axis === 'epoch' ? step / this.#stepsPerEpoch : time - (this.#begun ?? time);
  }

  #addAll(part: Part, at: LineJson, loss: number | null | undefined, metrics: Metrics | undefined): void {
    this.#addOne('loss', part, at, loss);
    for (const [name, value] of Object.entries(metrics ?? {}))
      if (typeof value === 'number' || value === null) this.#addOne(name, part, at, value);
  }

  #addOne(name: string, part: Part, { step, time }: LineJson, value: number | null | undefined): void {
    if (value === undefined) return;
    let parts = this.#samples.get(name);
    if (!parts) this.#samples.set(name, (parts = new Map<Part, Sample[]>()));
    let samples = parts.get(part);
    if (!samples) parts.set(part, (samples = []));
    samples.push({ step, time, value });
  }
}
