// The training's state in a checkpoint: printed as JSON, and parsed with checks.
import type { Json } from '../../runtime/specification.ts';
import { parseReports, showReports, type ReportJson } from './history.ts';
import type { EpochReport } from '../loop/events.ts';
import { noSums, type EpochSums, type MetricSums } from '../loop/metrics.ts';
import type { Best } from '../loop/monitor.ts';

/** The progress of a run, besides the model's own state (with its step and seed). */
export interface TrainingState {
  /** Complete epochs. */
  readonly epoch: number;
  /** Steps done in the current, incomplete epoch. */
  readonly position: number;
  /** The best value of the monitored metric so far; null before the first. */
  readonly best: Best | null;
  /** The data set's fingerprint. */
  readonly data: string;
  /** The trainer's further settings. */
  readonly settings: Json;
  /** The preprocessing of examples for the model (src/train/data/preprocessing.ts); null if unknown. */
  readonly preprocessing: Json;
  /** The sums over the current epoch's steps. */
  readonly sums: EpochSums;
  /** The complete epochs. */
  readonly history: readonly EpochReport[];
}

export function showTrainingState(state: TrainingState): string {
  return JSON.stringify({ ...state, history: showReports(state.history) satisfies readonly ReportJson[] });
}

/** The state, or a text that describes what is wrong with it. */
export function parseTrainingState(text: string): TrainingState | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it holds no training state';
  }
  if (typeof value !== 'object' || value === null) return 'its training state is no object';
  const { epoch, position, best, data, settings, preprocessing, sums, history } = value as {
    readonly [K in keyof TrainingState]?: unknown;
  };
  if (!isCount(epoch) || !isCount(position)) return 'its training state has no epoch or position';
  if (typeof data !== 'string') return 'its training state has no fingerprint of the data';
  if (best !== null && !isBest(best)) return 'its training state has no best metric';
  if (settings === undefined) return 'its training state has no settings';
  if (sums !== undefined && !isSums(sums)) return 'its training state has no sums of the epoch under way';
  const reports = parseReports(history ?? []);
  if (!reports) return 'its training state has no history';
  return {
    epoch,
    position,
    best,
    data,
    settings: settings as Json,
    preprocessing: (preprocessing ?? null) as Json,
    sums: sums ?? noSums,
    history: reports,
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isBest(value: unknown): value is Best {
  if (typeof value !== 'object' || value === null) return false;
  const { metric, value: number, epoch } = value as { metric?: unknown; value?: unknown; epoch?: unknown };
  return typeof metric === 'string' && typeof number === 'number' && isCount(epoch);
}

function isSums(value: unknown): value is EpochSums {
  if (typeof value !== 'object' || value === null) return false;
  const { steps, loss, metrics, seconds } = value as { readonly [K in keyof EpochSums]?: unknown };
  return isCount(steps) && isNumber(loss) && isNumber(seconds) && isMetricSums(metrics);
}

function isMetricSums(value: unknown): value is MetricSums {
  return (
    Array.isArray(value) &&
    value.every((entry: unknown) => {
      if (!Array.isArray(entry) || typeof entry[0] !== 'string') return false;
      const { shape, total } = (entry[1] ?? {}) as { shape?: unknown; total?: unknown };
      const isShape = shape === null || (Array.isArray(shape) && shape.every(isCount));
      return isShape && Array.isArray(total) && total.every(isNumber);
    })
  );
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
