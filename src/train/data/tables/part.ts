// Converts a table's rows to fields of examples: texts become indices in their vocabulary, missing cells are handled as the `.nn` file
// says, and columns are assigned to ports.
import { fail } from '../../../diagnostics/diagnostic.ts';
import type { Port } from '../../../runtime/specification.ts';
import { elementCount } from '../../../runtime/tensor.ts';
import { columnWidth, type ColumnForm } from '../../../runtime/preparation/form.ts';
import type { RawField, RawPart, RawValues } from '../prepare/raw-data.ts';
import type { PlannedColumn, TablePlan } from './plan.ts';
import type { Missing, TableReader } from './table.ts';

/** The vocabularies of columns, by the columns' indices in the file. */
export type Vocabularies = ReadonlyMap<number, readonly string[]>;

export interface TablePart {
  readonly fields: readonly RawField[];
  readonly part: RawPart;
  readonly vocabularies: Vocabularies;
}

interface ReadColumn extends PlannedColumn {
  readonly values: Float64Array;
  /** The vocabulary of a column of texts. */
  readonly vocabulary?: readonly string[];
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
    );
  const planned = [...plan.features, ...plan.targets];
  const table = await reader.read(planned);
  let columns = planned.map((column, i): ReadColumn => {
    const { values, texts } = table.columns[i] ?? { values: new Float64Array() };
    if (!texts) return { ...column, values };
    const stated =
      known?.get(column.column) ?? withMissing(column.vocabulary ?? [...texts].sort(), plan.missing, column);
    return renumber(reader, { ...column, values }, texts, stated, known !== undefined);
  });
  let count = table.count;
  if (plan.missing.kind === 'drop') {
    reader.throwFaults();
    const kept = completeRows(columns, count);
    if (kept.length === 0) malformed(reader, 'every row of it lacks a cell');
    if (kept.length < count)
      columns = columns.map((column) => ({ ...column, values: take(column.values, kept) }));
    count = kept.length;
  } else {
    checkMissing(reader, columns, plan);
  }
  reader.throwFaults();
  const features = columns.slice(0, plan.features.length);
  const targets = columns.slice(plan.features.length);
  const dealt = [
    ...dealInputs(reader, ports.inputs, features),
    ...dealTargets(reader, ports.targets, targets),
  ];
  const values = new Map<string, RawValues>();
  const fields = dealt.map(({ port, role, own, kind }): RawField => {
    const forms = own.map((column) => formOf(column, port, kind, plan.missing));
    values.set(port.name, { values: assemble(own, forms, count), path: reader.path });
    const [first] = own;
    const labels = kind === 'class' ? first?.vocabulary : undefined;
    return {
      name: port.name,
      role,
      kind,
      shape: kind === 'class' ? [] : port.shape,
      columns: forms,
      ...(labels && { classes: labels.length, labels }),
      ...(plan.missing.kind === 'mean' && role === 'input' && { fill: true }),
    };
  });
  const vocabularies = new Map(
    columns.flatMap(({ column, vocabulary }) => (vocabulary ? [[column, vocabulary] as const] : [])),
  );
  return { fields, part: { count, fields: values }, vocabularies };
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

function completeRows(columns: readonly ReadColumn[], count: number): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row < count; row++) {
    if (columns.every(({ values }) => !Number.isNaN(values[row]))) rows.push(row);
  }
  return Uint32Array.from(rows);
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
    } else if (isTarget || plan.missing.kind !== 'mean') {
      const mend = isTarget ? mendOfTarget : mendOfFeature;
      column.values.forEach((value, row) => {
        if (Number.isNaN(value)) reader.fault(row, `the column \`${column.name}\` is empty; ${mend}`);
      });
    }
  }
}

/** The `.nn` file's replacement for a missing cell, as stored in the column. */
function standIn({ vocabulary }: ReadColumn, missing: Missing): number | undefined {
  if (missing.kind !== 'value') return undefined;
  if (!vocabulary) return typeof missing.value === 'number' ? missing.value : undefined;
  const place = vocabulary.indexOf(String(missing.value));
  return place < 0 ? undefined : place;
}

interface Dealt {
  readonly port: Port;
  readonly role: RawField['role'];
  readonly own: readonly ReadColumn[];
  readonly kind: RawField['kind'];
}

function widthFor(port: Port, { vocabulary }: ReadColumn): number {
  return vocabulary && port.kind === 'real' ? vocabulary.length : 1;
}

function dealInputs(reader: TableReader, ports: readonly Port[], columns: readonly ReadColumn[]): Dealt[] {
  let next = 0;
  const dealt = ports.map((port): Dealt => {
    const wanted = elementCount(port.shape);
    const start = next;
    let width = 0;
    for (; width < wanted && next < columns.length; next++) {
      const column = columns[next];
      if (column) width += widthFor(port, column);
    }
    if (width !== wanted) uneven(reader, 'input', ports, columns);
    const kind = port.kind === 'class' ? 'class' : 'number';
    return { port, role: 'input', own: columns.slice(start, next), kind };
  });
  if (ports.length > 0 && next !== columns.length) uneven(reader, 'input', ports, columns);
  return dealt;
}

/** A column of texts is a class, whether the target is an index or one-hot. */
function dealTargets(reader: TableReader, ports: readonly Port[], columns: readonly ReadColumn[]): Dealt[] {
  let next = 0;
  const dealt = ports.map((port): Dealt => {
    const isVector = port.kind === 'real' && columns[next]?.vocabulary !== undefined;
    const wanted = isVector ? 1 : elementCount(port.shape);
    const own = columns.slice(next, next + wanted);
    next += wanted;
    return { port, role: 'target', own, kind: isVector || port.kind === 'class' ? 'class' : 'number' };
  });
  if (ports.length > 0 && next !== columns.length) uneven(reader, 'target', ports, columns);
  return dealt;
}

function uneven(
  reader: TableReader,
  role: RawField['role'],
  ports: readonly Port[],
  columns: readonly ReadColumn[],
): never {
  const [port] = ports;
  const shown = columns.map((column) => {
    const width = port && role === 'input' ? widthFor(port, column) : 1;
    return width === 1 ? column.name : `${column.name} as ${width}`;
  });
  const list = shown.length > 12 ? `${shown.slice(0, 12).join(', ')}, …` : shown.join(', ');
  const expected = ports.map(({ name, shape }) => `\`${name}\` [${shape.join(', ')}]`).join(', ');
  const wanted = ports.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const given = columns.reduce(
    (sum, column) => sum + (port && role === 'input' ? widthFor(port, column) : 1),
    0,
  );
  const mend =
    role === 'input' && ports.length === 1 ? `; \`input ${port?.name ?? ''}: [${given}]\` takes them` : '';
  return malformed(
    reader,
    `the model's ${role} ${expected} takes ${wanted} columns, but there are ${given} (${list || 'none'})${mend}`,
  );
}

function formOf(
  { name, vocabulary }: ReadColumn,
  port: Port,
  kind: RawField['kind'],
  missing: Missing,
): ColumnForm {
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
      if (!oneHot) out[to] = value;
      else if (Number.isNaN(value)) out.fill(NaN, to, to + width);
      else out[to + value] = 1;
    }
    at += width;
  });
  return out;
}

function malformed({ path, format }: TableReader, reason: string): never {
  return fail('data.malformed', undefined, { path, format, reason });
}
