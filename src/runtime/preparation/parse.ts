// Reads a record of preparation, which may come from an untrusted file.
import { elementCount } from '../tensor.ts';
import { dateFeatures } from './dates.ts';
import {
  columnWidth,
  sizeOf,
  type ColumnForm,
  type InputForm,
  type Normalization,
  type Preparation,
  type TargetForm,
} from './form.ts';

/** Undefined if the JSON is no record of preparation. */
export function parsePreparation(json: unknown): Preparation | undefined {
  if (!isObject(json) || json['format'] !== 1 || typeof json['source'] !== 'string') return undefined;
  const { targets } = json;
  const inputs = Array.isArray(json['inputs']) ? json['inputs'].map(presentSpelling) : undefined;
  if (!Array.isArray(inputs) || !inputs.every(isInput)) return undefined;
  if (!Array.isArray(targets) || !targets.every(isTarget)) return undefined;
  return { format: 1, source: json['source'], inputs, targets };
}

/** Accepts records of nnc 0.1, which call an input's normalization `normalisation`. */
function presentSpelling(input: unknown): unknown {
  if (!isObject(input) || !('normalisation' in input)) return input;
  const { normalisation, ...others } = input;
  return { ...others, normalization: normalisation };
}

type Unknown = { readonly [name: string]: unknown };

function isObject(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((item) => Number.isFinite(item));
const isOptional = (value: unknown, holds: (value: unknown) => boolean) =>
  value === undefined || holds(value);

function isShape(value: unknown): value is readonly number[] {
  return (
    isNumbers(value) &&
    value.every((size) => Number.isInteger(size) && size > 0) &&
    elementCount(value) < 2 ** 31
  );
}

/** The number of channels must divide the number of elements. */
function isNormalizationOf(elements: number): (value: unknown) => value is Normalization {
  return (value): value is Normalization =>
    isObject(value) &&
    isNumbers(value['mean']) &&
    isNumbers(value['deviation']) &&
    value['mean'].length > 0 &&
    value['mean'].length === value['deviation'].length &&
    elements % value['mean'].length === 0;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function isInput(value: unknown): value is InputForm {
  if (!isObject(value) || typeof value['name'] !== 'string') return false;
  const { kind, shape, columns, others, normalization, row, window } = value;
  if (kind === 'series') return isRow(row) && isCount(window);
  if (kind === 'table') {
    if (!Array.isArray(columns) || !columns.every(isColumn)) return false;
    const elements = columns.reduce((sum, column) => sum + columnWidth(column), 0);
    return isOptional(others, isTexts) && isOptional(normalization, isNormalizationOf(elements));
  }
  if (!isShape(shape) || !isOptional(normalization, isNormalizationOf(elementCount(shape)))) return false;
  if (kind === 'image')
    return typeof value['resize'] === 'boolean' && (shape.length === 2 || shape.length === 3);
  return kind === 'array';
}

function isRow(value: unknown): boolean {
  if (!isObject(value) || (value['kind'] !== 'table' && value['kind'] !== 'array')) return false;
  return isInput(value) && sizeOf(value) > 0;
}

function isColumn(value: unknown): value is ColumnForm {
  if (!isObject(value) || typeof value['name'] !== 'string') return false;
  const { kind, missing, vocabulary, encoding, feature } = value;
  if (kind === 'date') return dateFeatures.some((known) => known === feature);
  if (kind === 'number') return isOptional(missing, Number.isFinite);
  return (
    kind === 'category' &&
    isTexts(vocabulary) &&
    (encoding === 'one-hot' || encoding === 'index') &&
    isOptional(missing, (text) => typeof text === 'string')
  );
}

function isTarget(value: unknown): value is TargetForm {
  return (
    isObject(value) &&
    typeof value['name'] === 'string' &&
    (value['kind'] === 'class' || value['kind'] === 'number') &&
    isOptional(value['classes'], isTexts) &&
    isOptional(value['columns'], isTexts)
  );
}
