// Examples from JSON. One example is an object with the model's inputs by name, an object with a table's columns by name, or, for a model
// with one input, its numbers, nested or flat. Several examples are a list of these, several lines, or arrays with one axis more than an
// example's. A list of objects is the rows of a series, if the model takes windows over one.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { sizeOf, tableOf } from '../../../runtime/preparation/form.ts';
import type { PreparedInput } from '../../../runtime/preparation/prepare.ts';
import type { Cell } from '../../../runtime/preparation/rows.ts';
import type { Preprocessing } from '../../../train/data/prepare/preprocessing.ts';
import { describeJson } from '../../nested-json.ts';
import { fromRow, fromValues, onlyInput, refuse, type Example } from './forms.ts';
import { newestWindows, takesSeries, type SeriesRow } from './series.ts';

export function examplesOfJson(
  text: string,
  where: string,
  inputs: readonly PreparedInput[],
  { series }: Pick<Preprocessing, 'series'> = {},
): readonly Example[] {
  const values = parse(text, where);
  const [only] = values;
  const list = values.length === 1 && Array.isArray(only) ? (only as readonly unknown[]) : values;
  if (takesSeries(inputs) && list.length > 0 && list.every((row) => isObject(row) && isRowOf(row, inputs)))
    return newestWindows(rowsOf(list.filter(isObject), where), where, inputs, series);
  const found = values.flatMap((value, i, all) =>
    examplesOf(value, all.length === 1 ? where : `${where}, line ${i + 1}`, inputs),
  );
  if (found.length === 0) refuse(where, 'it', 'it holds no example');
  return found;
}

function parse(text: string, where: string): readonly unknown[] {
  try {
    return [JSON.parse(text)];
  } catch (error) {
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
    try {
      if (lines.length > 1) return lines.map((line) => JSON.parse(line) as unknown);
    } catch {
      // the user meant a single JSON value: its error is reported
    }
    const reason = error instanceof Error ? error.message : '';
    return fail('json.invalid', undefined, { path: where, reason });
  }
}

function examplesOf(value: unknown, where: string, inputs: readonly PreparedInput[]): readonly Example[] {
  if (isObject(value)) return ofObject(value, where, inputs);
  if (!Array.isArray(value)) {
    const input = onlyInput(inputs, where, describeJson(value));
    if (typeof value !== 'number') return refuse(where, input.port.name, `it is ${describeJson(value)}`);
    return [{ where, values: new Map([[input.port.name, fromValues(input, [value], where)]]) }];
  }
  if (value.every(isObject))
    return value.flatMap((each, i) => ofObject(each, `${where}, example ${i + 1}`, inputs));
  const input = onlyInput(inputs, where, 'a list');
  return splitExamples(value, input, where).map(({ cells, place }) => ({
    where: place,
    values: new Map([[input.port.name, fromValues(input, cells, place)]]),
  }));
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether an object is a row of a table, not an example with the inputs by their names. */
function isRowOf(row: { readonly [name: string]: unknown }, inputs: readonly PreparedInput[]): boolean {
  return inputs.every(({ port, form }) => tableOf(form) && !Array.isArray(row[port.name]));
}

function rowsOf(rows: readonly { readonly [name: string]: unknown }[], where: string): readonly SeriesRow[] {
  return rows.map((row, i) => {
    const place = `${where}, row ${i + 1}`;
    const named = new Map(Object.entries(row).map(([name, cell]) => [name, cellOf(cell, place, name)]));
    return { where: place, cells: [...named.values()], named };
  });
}

function ofObject(
  value: { readonly [name: string]: unknown },
  where: string,
  inputs: readonly PreparedInput[],
): readonly Example[] {
  const entries = new Map(Object.entries(value));
  const missing = inputs.filter(({ port }) => !entries.has(port.name));
  if (missing.length > 0 && inputs.every(({ form }) => form.kind === 'table')) {
    const row = new Map([...entries].map(([name, cell]) => [name, cellOf(cell, where, name)]));
    return [{ where, values: new Map(inputs.map((input) => [input.port.name, fromRow(input, row, where)])) }];
  }
  const names = inputs.map(({ port }) => port.name);
  const unknown = [...entries.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined)
    refuse(where, unknown, `the model has no such input; it has ${names.join(', ')}`);
  const [lacking] = missing;
  if (lacking) refuse(where, lacking.port.name, 'it is missing');
  const columns = inputs.map((input) => ({
    input,
    parts: splitExamples(entries.get(input.port.name), input, where),
  }));
  const count = columns[0]?.parts.length ?? 0;
  const uneven = columns.find(({ parts }) => parts.length !== count);
  if (uneven)
    refuse(where, uneven.input.port.name, `it has ${uneven.parts.length} examples, and ${names[0]} ${count}`);
  return Array.from({ length: count }, (_, i) => ({
    where: count === 1 ? where : `${where}, example ${i + 1}`,
    values: new Map(
      columns.map(({ input, parts }) => {
        const part = parts[i];
        return [input.port.name, fromValues(input, part?.cells ?? [], part?.place ?? where)];
      }),
    ),
  }));
}

interface Part {
  readonly cells: readonly Cell[];
  readonly place: string;
}

/** A value with as many cells as an example is one example; a list of such values is several. */
function splitExamples(value: unknown, input: PreparedInput, where: string): readonly Part[] {
  const size = sizeOf(input.form);
  const cells = cellsOf(value, where, input.port.name);
  if (cells.length === size || !Array.isArray(value)) return [{ cells, place: where }];
  const each = value.map((part: unknown) => cellsOf(part, where, input.port.name));
  if (value.length > 0 && each.every((part) => part.length === size))
    return each.map((part, i) => ({ cells: part, place: `${where}, example ${i + 1}` }));
  return [{ cells, place: where }];
}

function cellsOf(value: unknown, where: string, name: string): Cell[] {
  const cells: Cell[] = [];
  const visit = (part: unknown, depth: number) => {
    if (!Array.isArray(part)) cells.push(cellOf(part, where, name));
    else if (depth > 16) refuse(where, name, 'it is nested deeper than 16 levels');
    else for (const inner of part) visit(inner, depth + 1);
  };
  visit(value, 0);
  return cells;
}

function cellOf(value: unknown, where: string, name: string): Cell {
  if (typeof value === 'number' || typeof value === 'string' || value === null) return value;
  if (typeof value === 'boolean') return String(value);
  return refuse(where, name, `it is ${describeJson(value)}`);
}
