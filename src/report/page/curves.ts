// A run's curves, for a page: takes the lines of its metrics.jsonl as they are logged, and returns for each name (loss, accuracy,
// learning rate, …) the points to draw. Runs in browsers; the lines were checked by the sender.

/** A line as JSON has it; see src/train/logs/metric-lines.ts. */
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

/** What a point was measured on: the steps as they went, the epoch's mean over them, or the validation part. */
export type Part = 'steps' | 'epochs' | 'validation';

export type Axis = 'step' | 'epoch' | 'time';

export interface Points {
  readonly x: readonly number[];
  /** Null where the value is no number. */
  readonly y: readonly (number | null)[];
}

interface Sample {
  readonly step: number;
  readonly time: number;
  readonly value: number | null;
}

export class RunCurves {
  /** Where the run stands. */
  step = 0;
  epoch = 0;
  /** How many there are to be. */
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

  /** What there are curves of: the loss first, then the metrics, the learning rate and the speed. */
  names(): string[] {
    const last = ['learning rate', 'samples a second'];
    const found = [...this.#samples.keys()];
    return [...found.filter((name) => !last.includes(name)), ...last.filter((name) => found.includes(name))];
  }

  /** The last value, of the parts in this order of preference. */
  latest(name: string, ...parts: readonly Part[]): number | undefined {
    for (const part of parts) {
      const value = this.#samples.get(name)?.get(part)?.at(-1)?.value;
      if (typeof value === 'number') return value;
    }
    return undefined;
  }

  /** @param smoothing 0 for the values as they are, towards 1 for ever longer exponential means (without bias at the start) */
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
