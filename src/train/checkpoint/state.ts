// The training's own state in a checkpoint: JSON in, checked, and out again.
import type { Json } from '../../runtime/specification.ts';
import { parseReports, showReports, type ReportJson } from './history.ts';
import type { EpochReport } from '../loop/events.ts';
import { noSums, type EpochSums, type MetricSums } from '../loop/metrics.ts';
import type { Best } from '../loop/monitor.ts';

/** Where a run stands, besides the model's own state (which holds its step and seed). */
export interface TrainingState {
  /** Complete epochs. */
  readonly epoch: number;
  /** Steps done of the epoch that comes after them. */
  readonly position: number;
  /** The best value so far of the metric that is watched; null before there is one. */
  readonly best: Best | null;
  /** The data set's fingerprint. */
  readonly data: string;
  /** Whatever else the trainer wants to find again. */
  readonly settings: Json;
  /** What is done to an example before the model sees it (src/train/data/preprocessing.ts); null where it is not known. */
  readonly preprocessing: Json;
  /** The sums over the current epoch's steps. */
  readonly sums: EpochSums;
  /** The complete epochs. */
  readonly history: readonly EpochReport[];
}

export function showTrainingState(state: TrainingState): string {
  return JSON.stringify({ ...state, history: showReports(state.history) satisfies readonly ReportJson[] });
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
