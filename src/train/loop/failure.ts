// Errors that end the training loop, because continuing would only do harm.
import type { Model } from '../../runtime/model.ts';
import type { Position } from './events.ts';

export interface Divergence {
  /** `the loss`, `the validation loss`, `the parameter linear_1.W` */
  readonly what: string;
  readonly value: number;
  /** From 1. */
  readonly epoch: number;
  /** From 1, within the epoch. */
  readonly step: number;
  /** Steps of the complete run, this one included. */
  readonly totalStep: number;
}

/** NaN or an infinity instead of a finite number. Nothing has been saved since it occurred. */
export class DivergedError extends Error {
  override name = 'DivergedError';

  constructor(
    readonly divergence: Divergence,
    /** The results of a later search for the cause. */
    readonly found: { readonly explanation?: string; readonly kept?: string } = {},
  ) {
    const { what, value, epoch, step, totalStep } = divergence;
    super(
      `${what} became ${showValue(value)} in epoch ${epoch}, step ${step} (step ${totalStep} of the run)`,
    );
  }

  /** @param position after the step that computed the value */
  static at(what: string, value: number, position: Position, stepsPerEpoch: number): DivergedError {
    const ended = position.batch === 0;
    return new DivergedError({
      what,
      value,
      epoch: ended ? position.epoch : position.epoch + 1,
      step: ended ? stepsPerEpoch : position.batch,
      totalStep: position.step,
    });
  }
}

function showValue(value: number): string {
  return Number.isNaN(value) ? 'not a number' : value > 0 ? 'infinite' : 'minus infinity';
}

/** The first stored tensor with a value that is not finite, and its first such value. */
export async function findNonFinite(
  model: Model,
): Promise<{ readonly what: string; readonly value: number } | undefined> {
  for (const { path, storage } of model.specification.stored) {
    if (storage === 'constant') continue;
    const { data } = await model.read(path);
    for (let i = 0; i < data.length; i++) {
      const value = data[i] ?? 0;
      if (!Number.isFinite(value)) return { what: `the ${names[storage]} ${path}`, value };
    }
  }
  return undefined;
}

const names = { parameter: 'parameter', buffer: 'buffer', state: "optimizer's state" } as const;

/** A step's loss is that of the state before its update, so that the last update must be checked in the state itself. */
export async function checkFinite(model: Model, position: Position, stepsPerEpoch: number): Promise<void> {
  const found = await findNonFinite(model);
  if (found) throw DivergedError.at(found.what, found.value, position, stepsPerEpoch);
}
