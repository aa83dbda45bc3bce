// Converts a table's rows to fields of examples: texts become indices in their vocabulary, missing cells are handled as the `.nn` file
// says, and rows are put in the order of time.
import type { Port } from '../../../runtime/specification.ts';
import { writeDate } from '../../../runtime/preparation/dates.ts';
import { columnWidth, type ColumnForm } from '../../../runtime/preparation/form.ts';
import type { RawField, RawPart, RawValues } from '../prepare/raw-data.ts';
import { orderRows, type OrderColumns } from '../series/order-rows.ts';
import type { SeriesRows } from '../series/series.ts';
import { viewOf } from '../series/view.ts';
import { dealInputs, dealTargets, malformed, type ReadColumn } from './deal.ts';
import type { PlannedColumn, TablePlan } from './plan.ts';
import type { Missing, TableColumn, TableReader } from './table.ts';

/** The vocabularies of columns, by the columns' indices in the file. */
export type Vocabularies = ReadonlyMap<number, readonly string[]>;

export interface TablePart {
  readonly fields: readonly RawField[];
  readonly part: RawPart;
  readonly vocabularies: Vocabularies;
}

type Ports = { readonly inputs: readonly Port[]; readonly targets: readonly Port[] };

/**
 * Reads all rows.
 * @param known the training file's vocabularies, if this is another file: a text outside of them is an error
 * @throws DiagnosticError
 */
export async function readTablePart(
  reader: TableReader,
  plan: TablePlan,
  ports: Ports,
  known?: Vocabularies,
): Promise<TablePart> {
  // if widths are known, a mismatch in the number of columns is reported before any row is read
  if (plan.features.every(({ as }) => as === 'number'))
    dealInputs(
      reader,
      ports.inputs,
      plan.features.map((column) => ({ ...column, values: new Float64Array() })),
      viewOf(plan.series, 'input'),
    );
  const planned = [...plan.features, ...plan.targets];
  const order = [plan.time, plan.group].filter((column) => column !== undefined);
  const table = await reader.read([...planned, ...order]);
  let columns = planned.map((column, i): ReadColumn => {
    const { values, texts } = table.columns[i] ?? { values: new Float64Array() };
    if (!texts) return { ...column, values };
    const stated =
      known?.get(column.column) ?? withMissing(column.vocabulary ?? [...texts].sort(), plan.missing, column);
    return renumber(reader, { ...column, values }, texts, stated, known !== undefined);
  });
  if (plan.missing.kind !== 'drop') checkMissing(reader, columns, plan);
  reader.throwFaults();
  const kept = keptRows(reader, plan, { columns, order: table.columns.slice(planned.length) }, table.count);
  const count = kept?.rows.length ?? table.count;
  if (kept) columns = columns.map((column) => ({ ...column, values: take(column.values, kept.rows) }));
  const features = columns.slice(0, plan.features.length);
  const targets = columns.slice(plan.features.length);
  const dealt = [
    ...dealInputs(reader, ports.inputs, features, viewOf(plan.series, 'input')),
    ...dealTargets(reader, ports.targets, targets, viewOf(plan.series, 'target')),
  ];
  const values = new Map<string, RawValues>();
  const fields = dealt.map(({ port, role, own, kind }): RawField => {
    const forms = own.map((column) => formOf(column, port, kind, plan.missing));
    values.set(port.name, { values: assemble(own, forms, count), path: reader.path });
    const [first] = own;
    const labels = kind === 'class' ? first?.vocabulary : undefined;
    const view = viewOf(plan.series, role);
    return {
      name: port.name,
      role,
      kind,
      shape: kind === 'class' ? [] : view ? rowShape(forms) : port.shape,
      columns: forms,
      ...(view && { view }),
      ...(labels && { classes: labels.length, labels }),
      ...(plan.missing.kind === 'mean' && role === 'input' && { fill: true }),
    };
  });
  const vocabularies = new Map(
    columns.flatMap(({ column, vocabulary }) => (vocabulary ? [[column, vocabulary] as const] : [])),
  );
  const series = kept?.series;
  return { fields, part: { count, fields: values, ...(series && { series }) }, vocabularies };
}

interface KeptRows {
  readonly rows: Uint32Array;
  readonly series?: SeriesRows;
}

/** The rows to keep, in their order, and what is known of it; undefined if these are all rows as they are. */
function keptRows(
  reader: TableReader,
  plan: TablePlan,
  { columns, order }: { readonly columns: readonly ReadColumn[]; readonly order: readonly TableColumn[] },
  count: number,
): KeptRows | undefined {
  const drops = plan.missing.kind === 'drop';
  const isComplete = (row: number) => columns.every(({ values }) => !Number.isNaN(values[row]));
  let found: KeptRows | undefined;
  if (plan.series) {
    const columnsOfOrder = orderColumns(plan, order);
    found = orderRows(reader, columnsOfOrder, count, drops ? isComplete : undefined);
  } else if (drops) {
    found = { rows: Uint32Array.from({ length: count }, (_, row) => row).filter(isComplete) };
  }
  if (found?.rows.length === 0) malformed(reader, 'every row of it lacks a cell');
  return found;
}

/** @param read the columns of time and group, as far as there are any */
function orderColumns({ time, group }: TablePlan, read: readonly TableColumn[]): OrderColumns {
  const [first] = read;
  const groups = time ? read[1] : first;
  return {
    ...(time &&
      first && {
        time: { name: time.name, kind: time.as === 'time' ? 'date' : 'number', column: first },
      }),
    ...(group && groups && { group: { name: group.name, column: groups } }),
  };
}

/** The shape of a row of these columns; a single number has no axis. */
function rowShape(forms: readonly ColumnForm[]): readonly number[] {
  const width = forms.reduce((sum, form) => sum + columnWidth(form), 0);
  return width === 1 ? [] : [width];
}

/** Adds the text that replaces missing cells to the vocabulary. */
function withMissing(
  vocabulary: readonly string[],
  missing: Missing,
  { vocabulary: stated }: PlannedColumn,
): readonly string[] {
  if (stated || missing.kind !== 'value' || typeof missing.value !== 'string') return vocabulary;
  return vocabulary.includes(missing.value) ? vocabulary : [...vocabulary, missing.value].sort();
}

function renumber(
  reader: TableReader,
  column: ReadColumn,
  texts: readonly string[],
  vocabulary: readonly string[],
  isOtherFile: boolean,
): ReadColumn {
  const places = new Map(vocabulary.map((text, i) => [text, i]));
  const final = texts.map((text) => places.get(text) ?? -1);
  const values = column.values.map((value, row) => {
    if (Number.isNaN(value)) return NaN;
    const found = final[value] ?? -1;
    if (found >= 0) return found;
    const shown = JSON.stringify((texts[value] ?? '').slice(0, 40));
    const where = isOtherFile ? 'the training file' : 'its vocabulary';
    reader.fault(row, `the column \`${column.name}\` is ${shown}, which ${where} does not have`);
    return 0;
  });
  return { ...column, values, vocabulary };
}

function take(values: Float64Array, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row] ?? NaN);
}

const mendOfTarget = '`missing = drop` leaves such rows out';
const mendOfFeature = `\`missing = mean\` fills such cells, and ${mendOfTarget}`;

/** Imputes missing cells that have a fixed replacement; others are faults. */
function checkMissing(reader: TableReader, columns: readonly ReadColumn[], plan: TablePlan): void {
  for (const [i, column] of columns.entries()) {
    const isTarget = i >= plan.features.length;
    const stand = isTarget ? undefined : standIn(column, plan.missing);
    if (stand !== undefined) {
      column.values.forEach((value, k) => {
        if (Number.isNaN(value)) column.values[k] = stand;
      });
    } else if (isTarget || column.feature || plan.missing.kind !== 'mean') {
      const mend = isTarget || column.feature ? mendOfTarget : mendOfFeature;
      column.values.forEach((value, row) => {
        if (Number.isNaN(value)) reader.fault(row, `the column \`${column.name}\` is empty; ${mend}`);
      });
    }
  }
}

/** The `.nn` file's replacement for a missing cell, as stored in the column. A date has none. */
function standIn({ vocabulary, feature }: ReadColumn, missing: Missing): number | undefined {
  if (missing.kind !== 'value' || feature) return undefined;
  if (!vocabulary) return typeof missing.value === 'number' ? missing.value : undefined;
  const place = vocabulary.indexOf(String(missing.value));
  return place < 0 ? undefined : place;
}

function formOf(
  { name, vocabulary, feature }: ReadColumn,
  port: Port,
  kind: RawField['kind'],
  missing: Missing,
): ColumnForm {
  if (feature) return { kind: 'date', name, feature };
  const value = missing.kind === 'value' ? missing.value : undefined;
  if (!vocabulary) return { kind: 'number', name, ...(typeof value === 'number' && { missing: value }) };
  const stands = value !== undefined && vocabulary.includes(String(value));
  return {
    kind: 'category',
    name,
    vocabulary,
    encoding: port.kind === 'real' && kind !== 'class' ? 'one-hot' : 'index',
    ...(stands && { missing: String(value) }),
  };
}

/** Row by row; every element of a missing category is NaN. */
function assemble(columns: readonly ReadColumn[], forms: readonly ColumnForm[], count: number): Float64Array {
  const size = forms.reduce((sum, form) => sum + columnWidth(form), 0);
  const out = new Float64Array(count * size);
  let at = 0;
  columns.forEach(({ values }, i) => {
    const form = forms[i];
    if (!form) return;
    const width = columnWidth(form);
    const oneHot = form.kind === 'category' && form.encoding === 'one-hot';
    for (let row = 0, to = at; row < count; row++, to += size) {
      const value = values[row] ?? NaN;
      if (form.kind === 'date') writeDate(form.feature, value, out, to);
      else if (!oneHot) out[to] = value;
      else if (Number.isNaN(value)) out.fill(NaN, to, to + width);
      else out[to + value] = 1;
    }
    at += width;
  });
  return out;
}
