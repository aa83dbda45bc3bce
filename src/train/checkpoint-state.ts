// The training's own state in a checkpoint: JSON in, checked, and out again.
import type { Json } from '../runtime/specification.ts';

/** Where a run stands, besides the model's own state (which holds its step and seed). */
export interface TrainingState {
  /** Complete epochs. */
  readonly epoch: number;
  /** Steps done of the epoch that comes after them. */
  readonly position: number;
  /** The best value so far of the metric that is watched; null before there is one. */
  readonly best: { readonly metric: string; readonly value: number; readonly epoch: number } | null;
  /** The data set's fingerprint. */
  readonly data: string;
  /** Whatever else the trainer wants to find again: settings, normalisation. */
  readonly settings: Json;
}

/** The state, or a text that says what is wrong with it. */
export function parseTrainingState(text: string): TrainingState | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it holds no training state';
  }
  if (typeof value !== 'object' || value === null) return 'its training state is no object';
  const { epoch, position, best, data, settings } = value as {
    readonly [K in keyof TrainingState]?: unknown;
  };
  if (!isCount(epoch) || !isCount(position)) return 'its training state has no epoch or position';
  if (typeof data !== 'string') return 'its training state has no fingerprint of the data';
  if (best !== null && !isBest(best)) return 'its training state has no best metric';
  if (settings === undefined) return 'its training state has no settings';
  return { epoch, position, best, data, settings: settings as Json };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isBest(value: unknown): value is NonNullable<TrainingState['best']> {
  if (typeof value !== 'object' || value === null) return false;
  const { metric, value: number, epoch } = value as { metric?: unknown; value?: unknown; epoch?: unknown };
  return typeof metric === 'string' && typeof number === 'number' && isCount(epoch);
}
