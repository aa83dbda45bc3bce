// Assigns the columns of a table that were read to the model's ports: a number has one element, a category as many as its vocabulary.
import { fail } from '../../../diagnostics/diagnostic.ts';
import type { Port } from '../../../runtime/specification.ts';
import { elementCount } from '../../../runtime/tensor.ts';
import { dateWidth } from '../../../runtime/preparation/dates.ts';
import type { RawField, RowView } from '../prepare/raw-data.ts';
import type { PlannedColumn } from './plan.ts';
import type { TableReader } from './table.ts';

export interface ReadColumn extends PlannedColumn {
  readonly values: Float64Array;
  /** The vocabulary of a column of texts. */
  readonly vocabulary?: readonly string[];
}

/** A port with its columns. */
export interface Dealt {
  readonly port: Port;
  readonly role: RawField['role'];
  readonly own: readonly ReadColumn[];
  readonly kind: RawField['kind'];
}

function widthFor(port: Port, { vocabulary, feature }: ReadColumn): number {
  if (feature) return dateWidth(feature);
  return vocabulary && port.kind === 'real' ? vocabulary.length : 1;
}

/** @param view the rows that an example has of them, if several */
export function dealInputs(
  reader: TableReader,
  ports: readonly Port[],
  columns: readonly ReadColumn[],
  view: RowView | undefined,
): Dealt[] {
  let next = 0;
  const dealt = ports.map((port): Dealt => {
    const wanted = elementCount(port.shape) / (view?.rows ?? 1);
    const start = next;
    let width = 0;
    for (; width < wanted && next < columns.length; next++) {
      const column = columns[next];
      if (column) width += widthFor(port, column);
    }
    if (width !== wanted) uneven(reader, { role: 'input', view }, ports, columns);
    const kind = port.kind === 'class' ? 'class' : 'number';
    return { port, role: 'input', own: columns.slice(start, next), kind };
  });
  if (ports.length > 0 && next !== columns.length) uneven(reader, { role: 'input', view }, ports, columns);
  return dealt;
}

/** A column of texts is a class, whether the target is an index or one-hot. */
export function dealTargets(
  reader: TableReader,
  ports: readonly Port[],
  columns: readonly ReadColumn[],
  view: RowView | undefined,
): Dealt[] {
  let next = 0;
  const dealt = ports.map((port): Dealt => {
    const isVector = port.kind === 'real' && columns[next]?.vocabulary !== undefined;
    const wanted = isVector ? 1 : elementCount(port.shape) / (view?.rows ?? 1);
    if (!Number.isInteger(wanted)) uneven(reader, { role: 'target', view }, ports, columns);
    const own = columns.slice(next, next + wanted);
    next += wanted;
    return { port, role: 'target', own, kind: isVector || port.kind === 'class' ? 'class' : 'number' };
  });
  if (ports.length > 0 && next !== columns.length) uneven(reader, { role: 'target', view }, ports, columns);
  return dealt;
}

function uneven(
  reader: TableReader,
  { role, view }: { readonly role: RawField['role']; readonly view: RowView | undefined },
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
  const rows = view?.rows ?? 1;
  const wanted = ports.reduce((sum, { shape }) => sum + elementCount(shape), 0) / rows;
  const given = columns.reduce(
    (sum, column) => sum + (port && role === 'input' ? widthFor(port, column) : 1),
    0,
  );
  const shape = view ? [...(rows === 1 && role === 'target' ? [] : [rows]), given].join(', ') : String(given);
  const mend =
    ports.length === 1 && (role === 'input' || view)
      ? `; \`${role} ${port?.name ?? ''}: [${shape}]\` takes them`
      : '';
  const each = Number.isInteger(wanted) ? `takes ${wanted} columns` : 'does not divide into rows';
  const over = view ? ` of ${rows} ${rows === 1 ? 'row' : 'rows'}` : '';
  return malformed(
    reader,
    `the model's ${role} ${expected} ${each}${over}, but there are ${given} (${list || 'none'})${mend}`,
  );
}

export function malformed({ path, format }: TableReader, reason: string): never {
  return fail('data.malformed', undefined, { path, format, reason });
}
