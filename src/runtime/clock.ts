// The clock of optimizers and schedules. With gradient accumulation, several training steps make one update, and the clock counts
// updates.
import type { TrainSettings } from './specification.ts';

export interface UpdateClock {
  /** The update that a training step belongs to, from 1. */
  readonly step: number;
  /** The total number of updates, at least 1. */
  readonly steps: number;
}

/**
 * @param step a training step, from 1
 * @param totalSteps training steps that the schedule spans
 */
export function updateClock(
  { accumulate = 1 }: Pick<TrainSettings, 'accumulate'>,
  step: number,
  totalSteps: number,
): UpdateClock {
  return {
    step: Math.ceil(step / accumulate),
    steps: Math.max(1, Math.floor(totalSteps / accumulate)),
  };
}
