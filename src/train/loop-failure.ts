// What the training loop throws when going on would only spoil what there is.

export interface Divergence {
  /** `the loss`, `the validation loss`, `the parameter linear_1.W` */
  readonly what: string;
  readonly value: number;
  /** From 1. */
  readonly epoch: number;
  /** From 1, within the epoch. */
  readonly step: number;
  /** Steps of the whole run, this one included. */
  readonly totalStep: number;
}

/** NaN or an infinity where a finite number belongs. Nothing was saved since it appeared. */
export class DivergedError extends Error {
  override name = 'DivergedError';

  constructor(readonly divergence: Divergence) {
    const { what, value, epoch, step, totalStep } = divergence;
    const found = Number.isNaN(value) ? 'not a number' : value > 0 ? 'infinite' : 'minus infinity';
    super(`${what} became ${found} in epoch ${epoch}, step ${step} (step ${totalStep} of the run)`);
  }
}
