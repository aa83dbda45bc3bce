// Forecast errors for people and as JSON.
import { showNumber } from '../progress/text.ts';
import type { ForecastErrors } from './errors.ts';
import type { ForecastResult } from './forecast-score.ts';

/** The forecast's part of a run's record. */
export interface ForecastRecord {
  readonly part: string;
  readonly examples: number;
  readonly mean_absolute_error: number;
  readonly root_mean_squared_error: number;
  readonly naive: ErrorRecord;
  /** The value a period earlier. */
  readonly seasonal?: ErrorRecord & { readonly period: number };
}

interface ErrorRecord {
  readonly mean_absolute_error: number;
  readonly root_mean_squared_error: number;
}

export function recordForecast({
  part,
  examples,
  model,
  naive,
  seasonal,
  period,
}: ForecastResult): ForecastRecord {
  return {
    part,
    examples,
    ...recordErrors(model),
    naive: recordErrors(naive),
    ...(seasonal && period !== undefined && { seasonal: { period, ...recordErrors(seasonal) } }),
  };
}

function recordErrors({ meanAbsolute, rootMeanSquared }: ForecastErrors): ErrorRecord {
  return { mean_absolute_error: meanAbsolute, root_mean_squared_error: rootMeanSquared };
}

/** `mean absolute error 11.32 (test); naive 17.20, 34 % less; seasonal naive (11 rows) 24.10, 53 % less` */
export function showForecast({ part, mean_absolute_error: own, naive, seasonal }: ForecastRecord): string {
  const beside = (name: string, { mean_absolute_error: other }: ErrorRecord) =>
    `${name} ${showNumber(other)}, the model's is ${compare(own, other)}`;
  return [
    `mean absolute error ${showNumber(own)} (${part})`,
    beside('naive', naive),
    ...(seasonal ? [beside(`seasonal naive (${seasonal.period} rows)`, seasonal)] : []),
  ].join('; ');
}

/** `34 % less` */
export function compare(own: number, other: number): string {
  if (!(other > 0) || !Number.isFinite(own)) return 'not comparable';
  const change = Math.round(100 * (own / other - 1));
  return change === 0 ? 'the same' : `${Math.abs(change)} % ${change < 0 ? 'less' : 'more'}`;
}
