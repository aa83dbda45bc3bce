// What a run's logs are opened with and closed by. A run's folder, `runs/MODEL/TIME/`, holds
//   config.json                           the resolved configuration, written before the first step (src/train/run/config.ts)
//   checkpoint-last.safetensors           the state after the last complete epoch, or where the run was interrupted
//   checkpoint-best.safetensors           the state after the best epoch, where something is monitored
//   checkpoint-before-divergence.safetensors   the state before the step that gave NaN or an infinity
//   run.json                              the record, written when the run has ended; absent while it goes on, or was killed
// and whatever the logs put there.
import type { Model } from '../../runtime/model.ts';
import type { ModelSpecification } from '../../runtime/specification.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Position, TrainingObserver } from '../loop/events.ts';
import type { RunRecord } from './record.ts';
import type { RunSettings } from './settings.ts';

export type CheckpointKind = 'last' | 'best' | 'before-divergence';

export const configName = 'config.json';
export const recordName = 'run.json';
export const checkpointNames: { readonly [K in CheckpointKind]: string } = {
  last: 'checkpoint-last.safetensors',
  best: 'checkpoint-best.safetensors',
  'before-divergence': 'checkpoint-before-divergence.safetensors',
};

/** Where a run puts what it keeps. */
export interface RunPlaces {
  /** Makes the run's folder and names it; undefined where the user placed the checkpoint alone. */
  open(): Promise<string | undefined>;
  /** The checkpoint's path; known once `open` has been called. */
  checkpoint(kind: CheckpointKind): string;
  /** Lets others write there. */
  close?(): Promise<void>;
}

export interface RunContext {
  /** The run's folder. */
  readonly folder: string;
  readonly specification: ModelSpecification;
  readonly settings: RunSettings;
  /** What really runs: `wasm, 2 threads`. */
  readonly mode: string;
  readonly dataset: Dataset;
  /** Not to be trained or written to; between the last step and `close` it may evaluate. */
  readonly model: Model;
  /** Where a resumed run goes on: what the folder's logs hold of later steps is not part of it. */
  readonly from: Position;
  readonly begun: Date;
}

/** Something that keeps what it observes in the run's folder. */
export interface RunLogger extends TrainingObserver {
  /**
   * Called when the run has ended, before the model is destroyed; everything observed is on the disk when it is done.
   * @param record absent where the run failed: it diverged, or a file could not be written
   */
  close(record: RunRecord | undefined): Promise<void>;
}

export type OpenLogger = (context: RunContext) => Promise<RunLogger>;
