// The clock of optimizers and schedules, and the inputs by which a program reads it. With gradient accumulation, several training steps
// make one update, and the clock counts updates. An epoch ends with an update: the batches left over make one of their own.
import { randomKey } from './random.ts';
import type { TrainSettings } from './specification.ts';

export interface UpdateClock {
  /** The update that a training step belongs to, from 1. */
  readonly step: number;
  /** The total number of updates, at least 1. */
  readonly steps: number;
  /** The number of batches whose gradients the update averages. */
  readonly batches: number;
}

export interface StepPlan {
  /** Training steps that the schedule spans. */
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
}

/** @param step a training step, from 1 */
export function updateClock(
  { accumulate = 1 }: Pick<TrainSettings, 'accumulate'>,
  step: number,
  { totalSteps, stepsPerEpoch }: StepPlan,
): UpdateClock {
  const updatesPerEpoch = Math.ceil(stepsPerEpoch / accumulate);
  const epoch = Math.floor((step - 1) / stepsPerEpoch);
  const update = Math.floor(((step - 1) % stepsPerEpoch) / accumulate);
  const epochs = Math.floor(totalSteps / stepsPerEpoch);
  const rest = Math.floor((totalSteps % stepsPerEpoch) / accumulate);
  return {
    step: epoch * updatesPerEpoch + update + 1,
    steps: Math.max(1, epochs * updatesPerEpoch + rest),
    batches: Math.min(accumulate, stepsPerEpoch - update * accumulate),
  };
}

/** A new model's, of which nothing else is known. */
export const firstUpdate: UpdateClock = { step: 1, steps: 2 ** 24, batches: 1 };

/** @param step the training step, from 1, which random layers draw from with the seed */
export function clockInputs(
  clock: UpdateClock,
  seed: number,
  step: number,
): readonly (readonly [name: string, values: Float32Array])[] {
  return [
    ['step', Float32Array.of(clock.step)],
    ['steps', Float32Array.of(clock.steps)],
    ['update_batches', Float32Array.of(clock.batches)],
    ['random_key', randomKey(seed, step)],
  ];
}

/** The names of these inputs, which a model's own may not have. */
export const clockNames: readonly string[] = ['step', 'steps', 'update_batches', 'random_key'];
