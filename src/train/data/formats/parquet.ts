// Columns of a Parquet file: numbers, booleans (as 0 and 1) and texts; lists and structures are not supported. The footer and every page
// are checked before the decoding library sees them.
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { DiagnosticError, fail } from '../../../diagnostics/diagnostic.ts';
import type { FileMetaData, SchemaElement } from 'hyparquet';
import { checkPages, PageError, type ColumnChunk, type Unpack } from './parquet-pages.ts';
import { ThriftError, ThriftReader } from './parquet-thrift.ts';
import type { FoundPath } from '../sources/paths.ts';
import { noDate, parseDate } from '../../../runtime/preparation/dates.ts';
import { readData } from '../sources/read-file.ts';
import { RowFaults } from '../tables/faults.ts';
import { TextNumbers, type TableColumn, type TableReader } from '../tables/table.ts';

/** The maximum uncompressed page, which is decompressed at once; writers use about a mebibyte. */
const largestPage = 2 ** 28;
/** Maximum total of all columns read. */
const mostCells = 2 ** 28;

interface Leaf {
  readonly element: SchemaElement;
  readonly name: string;
  /** Its index among the columns of a row group. */
  readonly index: number;
}

/** @throws DiagnosticError */
export async function openParquet(found: FoundPath): Promise<TableReader> {
  const bytes = await readData(found, 'Parquet');
  const library = await import('hyparquet');
  const unpackers = await unpackersOf();
  return guarded(found.shown, () => {
    checkFooter(bytes);
    const metadata = library.parquetMetadata(bytes, { geoparquet: false });
    const leaves = leavesOf(metadata);
    const file = { path: found.shown, bytes, library, metadata, unpackers };
    return Promise.resolve(new ParquetReader(file, leaves, countRows(metadata)));
  });
}

interface ParquetFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly library: typeof import('hyparquet');
  readonly metadata: FileMetaData;
  readonly unpackers: ReadonlyMap<string, Unpack>;
}

function failMalformed(path: string, reason: string): never {
  return fail('data.malformed', undefined, { path, format: 'Parquet', reason });
}

/** Runs a function and converts the library's errors into errors of the file. */
async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DiagnosticError) throw error;
    const reason = error instanceof Error ? error.message.replace(/^parquet /, '') : 'it is damaged';
    return failMalformed(path, reason);
  }
}

class ParquetReader implements TableReader {
  readonly path: string;
  readonly format = 'Parquet';
  readonly typed = true;
  readonly names: readonly string[];
  readonly #faults: RowFaults;

  constructor(
    private readonly file: ParquetFile,
    private readonly leaves: readonly Leaf[],
    private readonly rows: number,
  ) {
    this.path = file.path;
    this.#faults = new RowFaults(file.path, 'row');
    this.names = leaves.map(({ name }) => name);
  }

  fault(row: number, reason: string): void {
    this.#faults.add(row + 1, reason);
  }

  throwFaults(): void {
    this.#faults.throwIfAny();
  }

  hasText(column: number): Promise<boolean> {
    return Promise.resolve(isText(this.leaves[column]?.element));
  }

  hasDates(column: number): Promise<boolean> {
    const leaf = this.leaves[column];
    return Promise.resolve(leaf !== undefined && isDate(leaf.element));
  }

  async read(wanted: Parameters<TableReader['read']>[0]): ReturnType<TableReader['read']> {
    const { path, rows } = this;
    const malformed = (reason: string) => failMalformed(path, reason);
    if (rows * wanted.length > mostCells)
      malformed(`its ${rows} rows of ${wanted.length} columns are more than ${mostCells} cells`);
    const columns: TableColumn[] = [];
    for (const { column, as } of wanted) {
      const leaf = this.leaves[column];
      if (!leaf) return malformed(`it has no column ${column + 1}`);
      const areDates = as === 'time' || as === 'clock';
      checkType(leaf, areDates, malformed);
      const cells = await guarded(path, () => this.#readColumn(leaf));
      const fault = (row: number, reason: string) => this.fault(row, reason);
      columns.push(
        as === 'text'
          ? textColumn(cells)
          : areDates
            ? dateColumn(cells, { as, name: leaf.name }, fault)
            : numberColumn(cells, leaf.name, fault),
      );
    }
    return { count: rows, columns };
  }

  async #readColumn(leaf: Leaf): Promise<readonly unknown[]> {
    const { path, rows } = this;
    const { bytes, library, metadata, unpackers } = this.file;
    const cells = new Array<unknown>(rows).fill(undefined);
    for (const group of metadata.row_groups) {
      const codec = codecOf(group, leaf);
      const unpack = unpackers.get(codec) ?? failMalformed(path, `its codec ${codec} is unknown`);
      checkPages(bytes, chunkOf(group, leaf, bytes.length), unpack);
    }
    await library.parquetRead({
      file: {
        byteLength: bytes.length,
        slice: (start: number, end?: number) => sliceOf(bytes, start, end ?? bytes.length),
      },
      metadata,
      columns: [leaf.name],
      compressors: Object.fromEntries(unpackers),
      onChunk: ({ columnData, rowStart }) => {
        for (let i = 0; i < columnData.length && rowStart + i < rows; i++)
          cells[rowStart + i] = columnData[i];
      },
    });
    return cells;
  }
}

function sliceOf(bytes: Uint8Array, start: number, end: number): ArrayBuffer {
  const copy = new ArrayBuffer(Math.max(0, end - start));
  new Uint8Array(copy).set(bytes.subarray(start, end));
  return copy;
}

/** Lengths in the footer must be within it, before it is parsed. */
function checkFooter(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const magic = 0x31524150;
  if (
    bytes.length < 12 ||
    view.getUint32(0, true) !== magic ||
    view.getUint32(bytes.length - 4, true) !== magic
  )
    throw new ThriftError('it does not begin and end as a Parquet file does');
  const end = bytes.length - 8;
  const length = view.getUint32(end, true);
  if (length > end - 4) throw new ThriftError('its footer does not lie within it');
  const reader = new ThriftReader(bytes, end - length, end);
  reader.struct();
  if (reader.at !== end) throw new ThriftError('its footer has another length than it says');
}

/** The columns with one value per row. */
function leavesOf({ schema, row_groups: groups }: FileMetaData): readonly Leaf[] {
  const [root, ...elements] = schema;
  const leaves: Leaf[] = [];
  let index = 0;
  /** Skips an element's children and counts their columns. */
  const skip = (at: number, depth: number): number => {
    const element = elements[at];
    if (!element || depth > 64) throw new PageError('its schema is broken');
    if (element.num_children === undefined) {
      index++;
      return at + 1;
    }
    let next = at + 1;
    for (let child = 0; child < element.num_children; child++) next = skip(next, depth + 1);
    return next;
  };
  let at = 0;
  for (let child = 0; child < (root?.num_children ?? 0); child++) {
    const element = elements[at];
    if (!element) throw new PageError('its schema is broken');
    const flat = element.num_children === undefined && element.repetition_type !== 'REPEATED';
    if (flat) {
      if (leaves.some(({ name }) => name === element.name))
        throw new PageError(`two columns are called ${element.name}`);
      leaves.push({ element, name: element.name, index });
    }
    at = skip(at, 0);
  }
  if (at !== elements.length) throw new PageError('its schema is broken');
  for (const { columns } of groups) {
    if (columns.length !== index)
      throw new PageError('its groups of rows have other columns than its schema');
    for (const { name, index: place, element } of leaves) {
      const about = columns[place]?.meta_data;
      if (
        about?.path_in_schema.length !== 1 ||
        about.path_in_schema[0] !== name ||
        about.type !== element.type
      )
        throw new PageError('its groups of rows have other columns than its schema');
    }
  }
  return leaves;
}

function countRows({ row_groups: groups, num_rows: total }: FileMetaData): number {
  let rows = 0n;
  for (const { num_rows: own } of groups) {
    if (own < 0n) throw new PageError('it has a group of an impossible number of rows');
    rows += own;
  }
  if (rows !== total) throw new PageError(`its groups have ${rows} rows, and its footer says ${total}`);
  if (rows > BigInt(mostCells)) throw new PageError(`its ${rows} rows are more than ${mostCells}`);
  if (rows === 0n) throw new PageError('it holds no row');
  return Number(rows);
}

type RowGroup = FileMetaData['row_groups'][number];

function chunkOf(group: RowGroup, { index, element, name }: Leaf, fileLength: number): ColumnChunk {
  const about = group.columns[index]?.meta_data;
  if (!about || group.columns[index]?.file_path)
    throw new PageError(`its column ${name} lies in another file`);
  const { data_page_offset: data, dictionary_page_offset: dictionary } = about;
  const start = Number(dictionary !== undefined && dictionary > 0n && dictionary < data ? dictionary : data);
  const size = Number(about.total_compressed_size);
  const unpackedSize = Number(about.total_uncompressed_size);
  if (!(start >= 4 && size >= 0 && start + size <= fileLength - 8))
    throw new PageError(`its column ${name} does not lie within it`);
  if (about.num_values !== group.num_rows)
    throw new PageError(`its column ${name} has ${about.num_values} values for ${group.num_rows} rows`);
  if (!(unpackedSize >= 0)) throw new PageError(`its column ${name} has an impossible size`);
  return {
    start,
    end: start + size,
    rows: Number(group.num_rows),
    unpackedSize,
    type: element.type ?? '',
    optional: element.repetition_type !== 'REQUIRED',
  };
}

function codecOf(group: RowGroup, { index }: Leaf): string {
  return group.columns[index]?.meta_data?.codec ?? 'none';
}

/** All codecs of the format, each limited to the requested length. */
async function unpackersOf(): Promise<ReadonlyMap<string, Unpack>> {
  const [{ snappyUncompress }, { decompressLz4, decompressLz4Raw, decompressZstd }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ]);
  const bounded =
    (unpack: Unpack): Unpack =>
    (bytes, length) => {
      if (length > largestPage) throw new PageError(`a page of ${length} bytes is more than ${largestPage}`);
      const page = unpack(bytes, length);
      if (page.length !== length) throw new PageError('a page has another length than it says');
      return page;
    };
  const unpackers: readonly (readonly [string, Unpack])[] = [
    ['UNCOMPRESSED', (bytes) => bytes],
    [
      'SNAPPY',
      (bytes, length) => {
        const page = new Uint8Array(length);
        snappyUncompress(bytes, page);
        return page;
      },
    ],
    ['GZIP', (bytes, length) => plain(gunzipSync(bytes, { maxOutputLength: Math.max(1, length) }))],
    [
      'BROTLI',
      (bytes, length) => plain(brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, length) })),
    ],
    ['ZSTD', (bytes, length) => decompressZstd(bytes, new Uint8Array(length))],
    ['LZ4', decompressLz4],
    ['LZ4_RAW', decompressLz4Raw],
  ];
  return new Map(unpackers.map(([codec, unpack]) => [codec, bounded(unpack)]));
}

function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

const numeric = ['BOOLEAN', 'INT32', 'INT64', 'FLOAT', 'DOUBLE'];

function isText(element: SchemaElement | undefined): boolean {
  return element?.type === 'BYTE_ARRAY';
}

/** Days or moments; a time of day is none. */
function isDate({ type, converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  const kind = logical?.type ?? converted ?? (type === 'INT96' ? 'TIMESTAMP' : '');
  return /^(DATE|TIMESTAMP)/.test(kind);
}

function checkType({ element, name }: Leaf, areDates: boolean, malformed: (reason: string) => never): void {
  const { type = '', converted_type: converted, logical_type: logical } = element;
  const isNumber = numeric.includes(type) || converted === 'DECIMAL' || logical?.type === 'FLOAT16';
  const isTime = /^(DATE|TIME)/.test(converted ?? '') || /^(DATE|TIME)/.test(logical?.type ?? '');
  const isString = type === 'BYTE_ARRAY' && (converted === undefined || ['UTF8', 'ENUM'].includes(converted));
  const kind = logical?.type ?? converted ?? type;
  if (areDates) {
    if (isDate(element) || isString) return;
    malformed(`its column ${name} is ${kind}, no dates`);
  }
  if ((isNumber && !isTime) || isString) return;
  const mend = isDate(element) ? `; \`dates = ["${name}"]\` would take dates` : '';
  malformed(`its column ${name} is ${kind}, neither numbers nor texts${mend}`);
}

/** Days and moments have no offset of their own: their clock is that of UTC. */
function dateColumn(
  cells: readonly unknown[],
  { as, name }: { readonly as: 'time' | 'clock'; readonly name: string },
  fault: (row: number, reason: string) => void,
): TableColumn {
  const values = Float64Array.from(cells, (cell, row) => {
    if (cell === null || cell === undefined) return NaN;
    if (cell instanceof Date) return cell.getTime() / 1000;
    const text = typeof cell === 'string' ? cell.trim() : '';
    if (text === '') return NaN;
    const found = parseDate(text);
    if (!found) fault(row, `the column \`${name}\`: ${noDate(text)}`);
    return (as === 'time' ? found?.seconds : found?.clock) ?? 0;
  });
  return { values };
}

function numberColumn(
  cells: readonly unknown[],
  name: string,
  fault: (row: number, reason: string) => void,
): TableColumn {
  const values = new Float64Array(cells.length);
  cells.forEach((cell, row) => {
    const value =
      cell === null || cell === undefined
        ? NaN
        : typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean'
          ? Number(cell)
          : undefined;
    if (value === undefined) fault(row, `the column \`${name}\` holds a text where numbers are wanted`);
    values[row] = value ?? 0;
    if (value === undefined) return;
    if (!Number.isNaN(value) && !Number.isFinite(Math.fround(value)))
      fault(row, `the column \`${name}\` is ${value}, which float32 cannot hold`);
  });
  return { values };
}

function textColumn(cells: readonly unknown[]): TableColumn {
  const texts = new TextNumbers();
  const values = Float64Array.from(cells, (cell) =>
    cell === null || cell === undefined
      ? NaN
      : texts.numberOf(
          typeof cell === 'string' ? cell : typeof cell === 'object' ? '' : String(cell as number),
        ),
  );
  return { values, texts: texts.list };
}
