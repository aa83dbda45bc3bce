// Examples from files. What a file is, its contents say: pictures and NumPy arrays begin with their own marks, JSON with a brace, a
// bracket or a number on a line, and the rest is CSV.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { printable } from '../../../diagnostics/printable.ts';
import { CsvError, csvRows } from '../../../train/data/formats/csv-rows.ts';
import { parseNpy } from '../../../train/data/formats/npy.ts';
import { decodePicture } from '../../../train/data/formats/picture-file.ts';
import { decimal } from '../../../train/data/prepare/preprocessing.ts';
import { readBounded } from '../../locate.ts';
import {
  fromPicture,
  fromRow,
  fromValues,
  onlyInput,
  refuse,
  sizeOf,
  type Example,
  type PreparedInput,
} from './forms.ts';
import { examplesOfJson } from './json.ts';

const largestInput = 2 ** 28;

/** @throws DiagnosticError for what cannot be read, or does not fit the model's inputs */
export async function readExamples(
  path: string,
  inputs: readonly PreparedInput[],
): Promise<readonly Example[]> {
  const bytes = path === '-' ? await readStdin() : await readBounded(path, largestInput);
  const where = path === '-' ? 'stdin' : printable(path);
  if (bytes.length > largestInput) refuse(where, 'the file', `it has more than ${largestInput} bytes`);
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47]) || startsWith(bytes, [0xff, 0xd8])) {
    const input = onlyInput(inputs, where, 'a picture');
    const values = fromPicture(input, await decodePicture(bytes, where), where);
    return [{ where, values: new Map([[input.port.name, values]]) }];
  }
  if (startsWith(bytes, [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59])) return fromNpy(bytes, where, inputs);
  const text = decode(bytes, where);
  return looksLikeJson(text, where) ? examplesOfJson(text, where, inputs) : fromCsv(text, where, inputs);
}

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, i) => bytes[i] === byte);
}

async function readStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > largestInput) break;
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return fail('data.malformed', undefined, {
      path,
      format: 'JSON, CSV, PNG, JPEG or NPY',
      reason: 'it is none of them',
    });
  }
}

function looksLikeJson(text: string, where: string): boolean {
  return /\.(json|jsonl|ndjson)$/i.test(where) || /^\s*[[{]/.test(text);
}

function fromNpy(bytes: Uint8Array, where: string, inputs: readonly PreparedInput[]): readonly Example[] {
  const input = onlyInput(inputs, where, 'one array');
  const { shape, values } = parseNpy(bytes, where);
  const size = sizeOf(input);
  if (values.length % size !== 0)
    refuse(
      where,
      input.port.name,
      `it has ${values.length} elements, [${shape.join(', ')}], and an example takes ${size}`,
    );
  const count = values.length / size;
  return Array.from({ length: count }, (_, i) => {
    const place = count === 1 ? where : `${where}, example ${i + 1}`;
    const own = fromValues(input, Array.from(values.subarray(i * size, (i + 1) * size)), place);
    return { where: place, values: new Map([[input.port.name, own]]) };
  });
}

/** A table's inputs take their columns by name; numbers need no header. */
function fromCsv(text: string, path: string, inputs: readonly PreparedInput[]): readonly Example[] {
  const separator = path.toLowerCase().endsWith('.tsv') ? '\t' : ',';
  const malformed = (reason: string) => fail('data.malformed', undefined, { path, format: 'CSV', reason });
  try {
    const [first, ...rest] = csvRows(text, separator);
    if (!first) return malformed('it holds no row');
    const tables = inputs.every(({ form }) => form.kind === 'table');
    const named =
      tables &&
      inputs.some(
        ({ form }) =>
          form.kind === 'table' &&
          form.columns.some(({ name }) => first.cells.map((cell) => cell.trim()).includes(name)),
      );
    const header = named || first.cells.some((cell) => !decimal.test(cell.trim()));
    const rows = header ? rest : [first, ...rest];
    if (rows.length === 0) malformed('it holds no row of values');
    return rows.map(({ cells, line }) => {
      const where = `${path}, line ${line}`;
      if (cells.length !== first.cells.length)
        fail('data.row', undefined, {
          path,
          line,
          reason: `it has ${cells.length} cells, and the first row ${first.cells.length}`,
        });
      if (named) {
        const row = new Map(first.cells.map((name, i) => [name.trim(), cells[i]]));
        return {
          where,
          values: new Map(inputs.map((input) => [input.port.name, fromRow(input, row, where)])),
        };
      }
      const input = onlyInput(inputs, where, 'a row without names');
      return { where, values: new Map([[input.port.name, fromValues(input, cells, where)]]) };
    });
  } catch (error) {
    if (error instanceof CsvError)
      fail('data.row', undefined, { path, line: error.line, reason: error.reason });
    throw error;
  }
}
