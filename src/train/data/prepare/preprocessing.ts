// The record of a data set's preparation that training stores with the model. What it does to a raw example is src/runtime/preparation/.
import type { Preparation } from '../../../runtime/preparation/form.ts';
import { parsePreparation } from '../../../runtime/preparation/parse.ts';
import type { Json } from '../../../runtime/specification.ts';
import type { CsvForm } from '../formats/csv-rows.ts';
import type { SeriesForm } from '../series/series.ts';

export interface Preprocessing extends Preparation {
  /** The dialect of the CSV training file, which applies to further files of rows. */
  readonly csv?: CsvForm;
  /** How examples are made of rows. */
  readonly series?: SeriesForm;
}

/** As JSON, for a checkpoint's metadata. */
export function showPreprocessing(preprocessing: Preprocessing): Json {
  return JSON.parse(JSON.stringify(preprocessing)) as Json;
}

/** Parses what `showPreprocessing` returned; undefined if the JSON is invalid, since it may come from an untrusted file. */
export function parsePreprocessing(json: unknown): Preprocessing | undefined {
  const preparation = parsePreparation(json);
  if (!preparation) return undefined;
  const { csv, series } = json as { readonly csv?: unknown; readonly series?: unknown };
  if (csv !== undefined && !isCsvForm(csv)) return undefined;
  if (series !== undefined && !isSeriesForm(series)) return undefined;
  return { ...preparation, ...(csv !== undefined && { csv }), ...(series !== undefined && { series }) };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function isSeriesForm(value: unknown): value is SeriesForm {
  if (typeof value !== 'object' || value === null) return false;
  const found = value as { readonly [K in keyof SeriesForm]?: unknown };
  const { window, horizon, stride, split, period, time, group } = found;
  return (
    isCount(window) &&
    (horizon === 0 || isCount(horizon)) &&
    isCount(stride) &&
    (split === 'time' || split === 'groups') &&
    (period === undefined || isCount(period)) &&
    [time, group].every((name) => name === undefined || typeof name === 'string')
  );
}

function isCsvForm(value: unknown): value is CsvForm {
  if (typeof value !== 'object' || value === null) return false;
  const { separator, header, missingMarks, decimal } = value as { readonly [K in keyof CsvForm]?: unknown };
  return (
    typeof separator === 'string' &&
    separator.length === 1 &&
    typeof header === 'boolean' &&
    (missingMarks === undefined ||
      (Array.isArray(missingMarks) && missingMarks.every((text) => typeof text === 'string'))) &&
    (decimal === undefined || decimal === ',')
  );
}
