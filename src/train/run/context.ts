// The context in which a run's logs are opened and closed. A run's folder, `runs/MODEL/TIME/`, contains
//   config.json                           the resolved configuration, written before the first step (src/train/run/config.ts)
//   checkpoint-last.safetensors           the state after the last complete epoch, or where the run was interrupted
//   checkpoint-best.safetensors           the state after the best epoch, where something is monitored
//   checkpoint-before-divergence.safetensors   the state before the step that gave NaN, an infinity or an exploded loss
//   run.json                              the record, written when the run has ended; absent while it goes on, or was killed
//   run.lock                              held while the run goes on
//   label.json                            a name, a note, a pin: from people (src/run-folders/run-label.ts)
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
/** Written by `nnc import` in place of config.json and run.json. */
export const importName = 'import.json';
/** Held while a run is going on. */
export const lockName = 'run.lock';
export const checkpointNames: { readonly [K in CheckpointKind]: string } = {
  last: 'checkpoint-last.safetensors',
  best: 'checkpoint-best.safetensors',
  'before-divergence': 'checkpoint-before-divergence.safetensors',
};

/** The output paths of a run. */
export interface RunPlaces {
  /** Makes the run's folder and returns it; undefined if the user named only a checkpoint. */
  open(): Promise<string | undefined>;
  /** The checkpoint's path; available after `open`. */
  checkpoint(kind: CheckpointKind): string;
  /** Releases the lock. */
  close?(): Promise<void>;
}

export interface RunContext {
  /** The run's folder. */
  readonly folder: string;
  readonly specification: ModelSpecification;
  readonly settings: RunSettings;
  /** What the model runs on: `wasm, 2 threads`. */
  readonly mode: string;
  readonly dataset: Dataset;
  /** Must not be trained or written to; may evaluate between the last step and `close`. */
  readonly model: Model;
  /** Where the run resumes: later steps in the folder's logs are not part of it. */
  readonly from: Position;
  readonly begun: Date;
}

/** An observer that logs to the run's folder. */
export interface RunLogger extends TrainingObserver {
  /**
   * Called when the run has ended, before the model is destroyed; flushes everything to disk.
   * @param record absent if the run failed: it diverged, or a file could not be written
   */
  close(record: RunRecord | undefined): Promise<void>;
}

export type OpenLogger = (context: RunContext) => Promise<RunLogger>;
