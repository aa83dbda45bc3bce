// Errors of forecasts: mean absolute error and the root of the mean squared error, over all values and by steps ahead.

export interface ForecastErrors {
  readonly meanAbsolute: number;
  readonly rootMeanSquared: number;
}

export class ErrorSums {
  readonly #absolute: Float64Array;
  readonly #squared: Float64Array;
  readonly #counts: Float64Array;

  /** @param steps ahead */
  constructor(steps: number) {
    this.#absolute = new Float64Array(steps);
    this.#squared = new Float64Array(steps);
    this.#counts = new Float64Array(steps);
  }

  add(step: number, error: number): void {
    this.#absolute[step] = (this.#absolute[step] ?? 0) + Math.abs(error);
    this.#squared[step] = (this.#squared[step] ?? 0) + error * error;
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
  }

  total(): ForecastErrors {
    const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
    const count = sum(this.#counts);
    return {
      meanAbsolute: sum(this.#absolute) / count,
      rootMeanSquared: Math.sqrt(sum(this.#squared) / count),
    };
  }

  /** Mean absolute errors. */
  byStep(): number[] {
    return Array.from(this.#absolute, (sum, step) => sum / (this.#counts[step] ?? 1));
  }
}
