// A loop's state: besides the model's own state, all that is needed to resume.
import type { EpochReport, Position } from './events.ts';
import { noSums, type EpochSums } from './metrics.ts';
import type { Best } from './monitor.ts';

export interface LoopState {
  /** An epoch interrupted during validation is incomplete: all its steps are done, and `batch` is their number. */
  readonly position: Position;
  /** The complete epochs, from the first; only the last with metrics of several elements, since there may be many epochs. */
  readonly history: readonly EpochReport[];
  readonly best: Best | null;
  /** Of the current epoch. */
  readonly sums: EpochSums;
}

export const atStart: LoopState = {
  position: { epoch: 0, batch: 0, step: 0 },
  history: [],
  best: null,
  sums: noSums,
};

export function withoutArrays(report: EpochReport): EpochReport {
  const scalars = (metrics: EpochReport['metrics']) =>
    new Map([...metrics].filter(([, value]) => typeof value === 'number'));
  const { validation } = report;
  return {
    ...report,
    metrics: scalars(report.metrics),
    ...(validation && { validation: { ...validation, metrics: scalars(validation.metrics) } }),
  };
}

/** The position after one more step. */
export function advance({ epoch, batch, step }: Position, stepsPerEpoch: number): Position {
  const ended = batch + 1 >= stepsPerEpoch;
  return { epoch: ended ? epoch + 1 : epoch, batch: ended ? 0 : batch + 1, step: step + 1 };
}
