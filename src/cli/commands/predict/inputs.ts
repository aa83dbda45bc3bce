// Reads examples from files. The format is detected by content: images and NumPy arrays have magic bytes, JSON begins with a brace or a
// bracket, and the rest is CSV; a file with an image's extension is read as an image.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { printable } from '../../../diagnostics/printable.ts';
import { sizeOf } from '../../../runtime/preparation/form.ts';
import type { PreparedInput } from '../../../runtime/preparation/prepare.ts';
import { parseNpy } from '../../../train/data/formats/npy.ts';
import { decodePicture } from '../../../train/data/formats/picture-file.ts';
import type { Preprocessing } from '../../../train/data/prepare/preprocessing.ts';
import { readBounded } from '../../locate.ts';
import { examplesOfCsv } from './csv.ts';
import { fromPicture, fromValues, onlyInput, refuse, type Example } from './forms.ts';
import { examplesOfJson } from './json.ts';

const largestInput = 2 ** 28;

/**
 * @param preprocessing of the training data, if it is known and wanted
 * @throws DiagnosticError for a file that cannot be read, or does not match the model's inputs
 */
export async function readExamples(
  path: string,
  inputs: readonly PreparedInput[],
  preprocessing: Preprocessing | undefined,
): Promise<readonly Example[]> {
  const bytes = path === '-' ? await readStdin() : await readBounded(path, largestInput);
  const where = path === '-' ? 'stdin' : printable(path);
  if (bytes.length > largestInput) refuse(where, 'the file', `it has more than ${largestInput} bytes`);
  const isPicture = startsWith(bytes, [0x89, 0x50, 0x4e, 0x47]) || startsWith(bytes, [0xff, 0xd8]);
  if (isPicture || /\.(png|jpe?g)$/i.test(path)) {
    const input = onlyInput(inputs, where, 'a picture');
    const values = fromPicture(input, await decodePicture(bytes, where), where);
    return [{ where, values: new Map([[input.port.name, values]]) }];
  }
  if (startsWith(bytes, [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59])) return fromNpy(bytes, where, inputs);
  const text = decode(bytes, where);
  return looksLikeJson(text, where)
    ? examplesOfJson(text, where, inputs, preprocessing)
    : examplesOfCsv(text, where, inputs, preprocessing);
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
  const size = sizeOf(input.form);
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
