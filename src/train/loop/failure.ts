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
  /** Of a loss that is finite but has exploded: the limit that it is above. */
  readonly limit?: number;
}

/**
 * A loss above this many times the run's first one has exploded. Trainings recover from losses that rise a hundredfold, or a thousandfold,
 * but after a millionfold rise nothing is left of what was learned.
 */
const explosion = 1e6;

/** The limit of a run's losses. @param first the run's first loss; one that is nearly zero says nothing of the losses to come */
export function lossLimit(first: number): number {
  return explosion * Math.max(1, Math.abs(first));
}

/** NaN or an infinity instead of a finite number, or a loss that has exploded. Nothing has been saved since it occurred. */
export class DivergedError extends Error {
  override name = 'DivergedError';

  constructor(
    readonly divergence: Divergence,
    /** The results of a later search for the cause. */
    readonly found: { readonly explanation?: string; readonly kept?: string } = {},
  ) {
    const { what, value, epoch, step, totalStep, limit } = divergence;
    const times = limit === undefined ? '' : ', more than a million times what it was at first';
    super(
      `${what} became ${showValue(value)} in epoch ${epoch}, step ${step} (step ${totalStep} of the run)${times}`,
    );
  }

  /** @param position after the step that computed the value */
  static at(what: string, value: number, position: Position, stepsPerEpoch: number): DivergedError {
    return new DivergedError(divergenceAt(what, value, position, stepsPerEpoch));
  }

  /** Of a step's loss; undefined if that is finite and below its limit. */
  static ofLoss(
    loss: number,
    limit: number,
    position: Position,
    stepsPerEpoch: number,
  ): DivergedError | undefined {
    if (loss <= limit && Number.isFinite(loss)) return undefined;
    const divergence = divergenceAt('the loss', loss, position, stepsPerEpoch);
    return new DivergedError({ ...divergence, ...(Number.isFinite(loss) && { limit }) });
  }
}

function divergenceAt(what: string, value: number, position: Position, stepsPerEpoch: number): Divergence {
  const ended = position.batch === 0;
  return {
    what,
    value,
    epoch: ended ? position.epoch : position.epoch + 1,
    step: ended ? stepsPerEpoch : position.batch,
    totalStep: position.step,
  };
}

function showValue(value: number): string {
  if (Number.isFinite(value)) return value.toPrecision(3);
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
  const found = await nonFiniteState(model, position, stepsPerEpoch);
  if (found) throw found;
}

export async function nonFiniteState(
  model: Model,
  position: Position,
  stepsPerEpoch: number,
): Promise<DivergedError | undefined> {
  const found = await findNonFinite(model);
  return found && DivergedError.at(found.what, found.value, position, stepsPerEpoch);
}
