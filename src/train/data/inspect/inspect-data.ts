// Describes a file, a folder or a known data set, recognized by its first bytes: the number of examples, shapes, ranges, class counts,
// missing values. It needs no model.
import { open, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fail } from '../../../diagnostics/diagnostic.ts';
import { openCsv, readCsvFile } from '../formats/csv.ts';
import { guessDialect } from '../formats/csv-dialect.ts';
import { parseIdx } from '../formats/idx.ts';
import { parseNpy } from '../formats/npy.ts';
import { readNpzEntry } from '../formats/npz.ts';
import { openParquet } from '../formats/parquet.ts';
import type { FoundPath } from '../sources/paths.ts';
import type { DataArray, RawData, RawPart } from '../prepare/raw-data.ts';
import { setNames } from '../sources/image-sources.ts';
import { readData } from '../sources/read-file.ts';
import { sources } from '../sources/sources.ts';
import type { TableReader, WantedColumn } from '../tables/table.ts';
import { zipEntries, ZipError } from '../formats/zip.ts';
import {
  classFacts,
  dateFacts,
  numberFacts,
  rangeOf,
  textFacts,
  type FieldFacts,
  type Inspection,
  type PartFacts,
} from './facts.ts';
import { inspectFolder } from './inspect-folder.ts';

export interface InspectOptions {
  /** The base folder of relative paths and names. */
  readonly folder: string;
  readonly dataRoot?: string;
  /** Of a CSV file; by default whichever of , ; | and tab divides its rows evenly. */
  readonly separator?: string;
  /** Whether a CSV file's first row is data; by default that is guessed. */
  readonly headerless?: boolean;
  readonly progress?: (done: number, total: number) => void;
}

/**
 * @param what a path or a name
 * @throws DiagnosticError when there is no such thing, or it is malformed
 */
export async function inspectData(what: string, options: InspectOptions): Promise<Inspection> {
  const found = await findAnywhere(what, options);
  if (!found) {
    if (setNames.some((name) => name === what)) return inspectSource(what, {}, options);
    return failMissing(what, options);
  }
  return found.isFolder ? inspectFolderOf(found, options) : inspectFile(found, options);
}

export function failMissing(what: string, options: Pick<InspectOptions, 'folder' | 'dataRoot'>): never {
  const help = `Looked in ${options.folder}${options.dataRoot === undefined ? '' : ` and ${options.dataRoot}`}. Data sets by name: ${setNames.join(', ')}.`;
  return fail('data.file-missing', undefined, { path: what, help });
}

/** Paths on the command line are not restricted to a root. */
export async function findAnywhere(
  what: string,
  { folder, dataRoot }: Pick<InspectOptions, 'folder' | 'dataRoot'>,
): Promise<FoundPath | undefined> {
  for (const root of [folder, ...(dataRoot === undefined ? [] : [dataRoot])]) {
    const shown = what.startsWith('/') ? what : join(root, what);
    try {
      const real = await realpath(shown);
      const isFolder = (await stat(real)).isDirectory();
      return {
        real,
        shown,
        root: isFolder ? real : dirname(real),
        path: isFolder ? '' : basename(real),
        isFolder,
      };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ERR_INVALID_ARG_VALUE') throw error;
    }
  }
  return undefined;
}

async function inspectFolderOf(found: FoundPath, options: InspectOptions): Promise<Inspection> {
  const holds = async (...names: string[]) => {
    for (const name of names) if (await stat(join(found.real, name)).catch(() => undefined)) return true;
    return false;
  };
  const inside = { ...options, folder: found.real };
  const images = 'train-images-idx3-ubyte';
  const dotted = 'train-images.idx3-ubyte';
  if (await holds(images, `${images}.gz`, dotted, `${dotted}.gz`))
    return inspectSource('mnist', { folder: '.' }, inside);
  if (await holds('data_batch_1.bin')) return inspectSource('cifar10', { folder: '.' }, inside);
  return inspectFolder(found, options.progress);
}

async function inspectSource(
  name: string,
  given: { readonly folder?: string },
  { folder, dataRoot }: InspectOptions,
): Promise<Inspection> {
  const source = sources.get(name);
  if (!source) throw new Error(`no source ${name}`);
  const roots = { folder, ...(dataRoot !== undefined && { dataRoot }) };
  const { data } = await source.load(
    { name, positional: [], named: given },
    { roots, inputs: [], targets: [] },
  );
  const { train, test } = data;
  return {
    format: name,
    path: data.origin,
    parts: [
      { name: 'train', ...partFacts(data, train) },
      ...(typeof test === 'object' ? [{ name: 'test' as const, ...partFacts(data, test) }] : []),
    ],
  };
}

function partFacts({ fields, classes }: RawData, part: RawPart): Omit<PartFacts, 'name'> {
  return {
    examples: part.count,
    fields: fields.map(({ name, kind, shape }): FieldFacts => {
      const values = part.fields.get(name)?.values ?? [];
      if (kind === 'class') return classFacts(name, values, classes);
      return kind === 'image' ? { name, kind, shape, ...rangeOf(values) } : numberFacts(name, shape, values);
    }),
  };
}

async function inspectFile(found: FoundPath, options: InspectOptions): Promise<Inspection> {
  const form = await formOf(found);
  const all = (format: string, examples: number, fields: readonly FieldFacts[]): Inspection => ({
    format,
    path: found.shown,
    parts: [{ name: 'all', examples, fields }],
  });
  if (form === 'npy') {
    const array = parseNpy(await readData(found, 'NPY'), found.shown);
    return all('NPY', array.shape[0] ?? 0, [arrayFacts(basename(found.path, '.npy'), array)]);
  }
  if (form === 'npz') {
    const arrays = await archiveArrays(found);
    return all(
      'NPZ',
      arrays[0]?.[1].shape[0] ?? 0,
      arrays.map(([name, array]) => arrayFacts(name, array)),
    );
  }
  if (form === 'parquet') return inspectTable(await openParquet(found));
  if (form === 'idx') {
    const array = await parseIdx(await readData(found, 'IDX'), found.shown);
    return all('IDX', array.shape[0] ?? 0, [arrayFacts(basename(found.path), array)]);
  }
  const file = await readCsvFile(found);
  const dialect = guessDialect(file.text, {
    ...(options.separator !== undefined && { separator: options.separator }),
    ...(options.headerless === true && { header: false }),
  });
  return { ...(await inspectTable(openCsv(file, dialect))), csv: dialect };
}

/** The format of a file, by its first bytes. */
export async function formOf(found: FoundPath): Promise<'npy' | 'npz' | 'parquet' | 'idx' | 'csv'> {
  const start = await beginningOf(found);
  const begins = (...bytes: number[]) => bytes.every((byte, i) => start[i] === byte);
  if (begins(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59)) return 'npy';
  if (begins(0x50, 0x4b)) return 'npz';
  if (begins(0x50, 0x41, 0x52, 0x31)) return 'parquet';
  const isIdx = begins(0, 0) && [8, 9, 11, 12, 13, 14].includes(start[2] ?? 0);
  return begins(0x1f, 0x8b) || isIdx ? 'idx' : 'csv';
}

async function beginningOf({ real, shown }: FoundPath): Promise<Uint8Array> {
  if (!(await stat(real)).isFile())
    fail('data.malformed', undefined, { path: shown, format: 'data', reason: 'it is not a file' });
  const handle = await open(real);
  try {
    const bytes = new Uint8Array(8);
    await handle.read(bytes, 0, bytes.length, 0);
    return bytes;
  } finally {
    await handle.close();
  }
}

function arrayFacts(name: string, { shape, values }: DataArray): FieldFacts {
  return numberFacts(name, shape.slice(1), values);
}

/** The arrays of an archive, by name. */
export async function archiveArrays(found: FoundPath): Promise<readonly (readonly [string, DataArray])[]> {
  const bytes = await readData(found, 'NPZ');
  try {
    const arrays: [string, DataArray][] = [];
    for (const entry of zipEntries(bytes).values()) {
      const array = await readNpzEntry(bytes, entry, found.shown);
      arrays.push([entry.name.replace(/\.npy$/, ''), array]);
    }
    return arrays;
  } catch (error) {
    if (!(error instanceof ZipError)) throw error;
    return fail('data.malformed', undefined, { path: found.shown, format: 'NPZ', reason: error.message });
  }
}

/** A column of nothing but dates is one of times; another with any non-numeric cell is a column of texts. */
async function inspectTable(reader: TableReader): Promise<Inspection> {
  const wanted: WantedColumn[] = [];
  for (const column of reader.names.keys()) {
    const areDates = await reader.hasDates(column);
    const areTexts = !areDates && (await reader.hasText(column));
    wanted.push({ column, as: areDates ? 'time' : areTexts ? 'text' : 'number' });
  }
  const { count, columns } = await reader.read(wanted);
  reader.throwFaults();
  const fields = columns.map(({ values, texts }, i) => {
    const name = reader.names[i] ?? '';
    if (wanted[i]?.as === 'time') return dateFacts(name, values);
    return texts ? textFacts(name, values, texts) : numberFacts(name, [], values);
  });
  return { format: reader.format, path: reader.path, parts: [{ name: 'all', examples: count, fields }] };
}
