// The record of a data set's preparation that training stores with the model. What it does to a raw example is src/runtime/preparation/.
import type { Preparation } from '../../../runtime/preparation/form.ts';
import { parsePreparation } from '../../../runtime/preparation/parse.ts';
import type { Json } from '../../../runtime/specification.ts';
import type { CsvForm } from '../formats/csv-rows.ts';

export interface Preprocessing extends Preparation {
  /** The dialect of the CSV training file, which applies to further files of rows. */
  readonly csv?: CsvForm;
}

/** As JSON, for a checkpoint's metadata. */
export function showPreprocessing(preprocessing: Preprocessing): Json {
  return JSON.parse(JSON.stringify(preprocessing)) as Json;
}

/** Parses what `showPreprocessing` returned; undefined if the JSON is invalid, since it may come from an untrusted file. */
export function parsePreprocessing(json: unknown): Preprocessing | undefined {
  const preparation = parsePreparation(json);
  if (!preparation) return undefined;
  const { csv } = json as { readonly csv?: unknown };
  if (csv === undefined) return preparation;
  return isCsvForm(csv) ? { ...preparation, csv } : undefined;
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
