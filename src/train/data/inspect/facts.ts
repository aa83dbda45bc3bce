// Statistics of a field's values: range, missing values, and counts of each value.
import type { CsvForm } from '../formats/csv-rows.ts';

export interface Inspection {
  /** The format it was read as: `CSV`. */
  readonly format: string;
  readonly path: string;
  readonly parts: readonly PartFacts[];
  /** Of a CSV file: the dialect that it was read in. */
  readonly csv?: CsvForm;
}

export interface PartFacts {
  readonly name: 'all' | 'train' | 'validation' | 'test';
  readonly examples: number;
  readonly fields: readonly FieldFacts[];
}

export interface FieldFacts {
  readonly name: string;
  readonly kind: 'image' | 'number' | 'text' | 'class' | 'date';
  /** The shape of an example. */
  readonly shape: readonly number[];
  /** The number of missing values. */
  readonly missing: number;
  /** Range of numbers, or of image bytes (0 to 255). */
  readonly range?: Range;
  /** Of dates, whose range is in seconds since 1970: the seconds between different ones in order. */
  readonly steps?: { readonly least: number; readonly median: number; readonly most: number };
  /** The number of distinct values, if they were counted. */
  readonly distinct?: number;
  /** The most frequent classes or texts, or numbers if there are few distinct ones. */
  readonly values?: readonly ValueCount[];
  /** The sizes of images, if there are several. */
  readonly sizes?: readonly ValueCount[];
}

export interface Range {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly deviation: number;
}

export interface ValueCount {
  readonly value: string;
  readonly count: number;
}

/** Maximum number of values shown for a field. */
export const mostValues = 20;

/** NaN is missing. */
export function rangeOf(values: ArrayLike<number>): { readonly range?: Range; readonly missing: number } {
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (Number.isNaN(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    count++;
  }
  const missing = values.length - count;
  if (count === 0) return { missing };
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (!Number.isNaN(value)) squares += (value - mean) ** 2;
  }
  return { range: { min, max, mean, deviation: Math.sqrt(squares / count) }, missing };
}

/** The count of each value except NaN; undefined if there are more than `most` distinct ones. */
export function countValues(
  values: ArrayLike<number>,
  most: number,
): ReadonlyMap<number, number> | undefined {
  const counts = new Map<number, number>();
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (Number.isNaN(value)) continue;
    counts.set(value, (counts.get(value) ?? 0) + 1);
    if (counts.size > most) return undefined;
  }
  return counts;
}

/** Facts of numbers; if there are few distinct integers, with their counts. */
export function numberFacts(name: string, shape: readonly number[], values: ArrayLike<number>): FieldFacts {
  const counts = shape.length === 0 ? countValues(values, mostValues) : undefined;
  const whole = counts && [...counts.keys()].every(Number.isInteger) ? counts : undefined;
  return {
    name,
    kind: 'number',
    shape,
    ...rangeOf(values),
    ...(whole && {
      distinct: whole.size,
      values: [...whole].sort(([a], [b]) => a - b).map(([value, count]) => ({ value: String(value), count })),
    }),
  };
}

/** @param labels the classes' names, by number */
export function classFacts(
  name: string,
  values: ArrayLike<number>,
  labels: readonly string[] | undefined,
): FieldFacts {
  const counts = countValues(values, Infinity) ?? new Map<number, number>();
  // classes without examples are listed too
  const all = labels ? labels.map((_, i) => i) : [...counts.keys()].sort((a, b) => a - b);
  return {
    name,
    kind: 'class',
    shape: [],
    missing: rangeOf(values).missing,
    distinct: counts.size,
    values: all.map((value) => ({ value: labels?.[value] ?? String(value), count: counts.get(value) ?? 0 })),
  };
}

/** The most frequent first. */
export function textFacts(name: string, values: ArrayLike<number>, texts: readonly string[]): FieldFacts {
  const counts = countValues(values, Infinity) ?? new Map<number, number>();
  const all = [...counts]
    .map(([value, count]) => ({ value: texts[value] ?? '', count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  return {
    name,
    kind: 'text',
    shape: [],
    missing: rangeOf(values).missing,
    distinct: counts.size,
    values: all.slice(0, mostValues),
  };
}

/** @param seconds since 1970 */
export function dateFacts(name: string, seconds: Float64Array): FieldFacts {
  const times = Float64Array.from(new Set(seconds.filter((value) => !Number.isNaN(value)))).sort();
  const steps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  steps.sort();
  return {
    name,
    kind: 'date',
    shape: [],
    ...rangeOf(seconds),
    distinct: times.length,
    ...(steps.length > 0 && {
      steps: {
        least: steps[0] ?? 0,
        median: steps[(steps.length - 1) >> 1] ?? 0,
        most: steps.at(-1) ?? 0,
      },
    }),
  };
}
