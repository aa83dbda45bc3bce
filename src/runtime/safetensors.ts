// The safetensors format, implemented from its public specification: eight bytes with the header's length, a JSON header, and the
// tensors' bytes without gaps. Everything is checked before any allocation: the header is at most 100 MB and inside the file, its keys
// are unique, dtypes known, products of dimensions exact, and the offsets cover the data from 0 to the end.
import { SafetensorsError } from './errors.ts';
import { parseHeaderJson, type HeaderObject, type HeaderValue } from './header-json.ts';
import { dtypeSizes, isDtype, type Dtype } from './safetensors-dtypes.ts';
import { elementCount, type Tensor } from './tensor.ts';

const longestHeader = 100_000_000;
const metadataKey = '__metadata__';

/** A tensor in a file: `bytes` is a view, not a copy. */
export interface TensorView {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export interface SafetensorsFile {
  readonly metadata: ReadonlyMap<string, string>;
  /** In the order of their bytes. */
  readonly tensors: ReadonlyMap<string, TensorView>;
}

/**
 * The head of a file, up to the bytes of its F32 tensors, which follow without gaps, in the same order. The metadata comes first, in its
 * own order; the header is padded with spaces so that the data is aligned to 8 bytes, as the specification asks of writers.
 */
export function safetensorsHead(
  shapes: ReadonlyMap<string, readonly number[]>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array {
  const entries: string[] = [];
  if (metadata.size > 0) entries.push(`${JSON.stringify(metadataKey)}:${showMetadata(metadata)}`);
  let offset = 0;
  for (const [name, shape] of shapes) {
    if (name === metadataKey) throw new SafetensorsError(`no tensor can be called ${metadataKey}`);
    const end = offset + dtypeSizes.F32 * elementCount(shape);
    entries.push(
      `${JSON.stringify(name)}:{"dtype":"F32","shape":[${shape.join(',')}],"data_offsets":[${offset},${end}]}`,
    );
    offset = end;
  }
  const header = new TextEncoder().encode(`{${entries.join(',')}}`);
  const start = 8 * Math.ceil((8 + header.length) / 8);
  if (start - 8 > longestHeader) throw new SafetensorsError(`a header of ${header.length} bytes is too long`);
  const head = new Uint8Array(start);
  new DataView(head.buffer).setBigUint64(0, BigInt(start - 8), true);
  head.fill(0x20, 8);
  head.set(header, 8);
  return head;
}

/** The bytes of a file with F32 tensors. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array {
  const head = safetensorsHead(new Map([...tensors].map(([name, { shape }]) => [name, shape])), metadata);
  const elements = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
  const file = new Uint8Array(head.length + dtypeSizes.F32 * elements);
  file.set(head);
  const values = new Float32Array(file.buffer, head.length);
  let position = 0;
  for (const { data } of tensors.values()) {
    values.set(data, position);
    position += data.length;
  }
  return file;
}

function showMetadata(metadata: ReadonlyMap<string, string>): string {
  return `{${[...metadata].map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
}

/** A tensor's entry in a header: its bytes are those from `begin` to `end`, relative to the end of the head. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly metadata: ReadonlyMap<string, string>;
  /** In the order of their bytes, which cover the rest of the file without a gap. */
  readonly entries: readonly SafetensorsEntry[];
}

/**
 * The length of a file's head in bytes: the eight bytes of the header's length and the header.
 * @param first the first eight bytes, or fewer if the file is shorter
 * @param length of the file
 * @throws SafetensorsError if the head exceeds the file
 */
export function headLength(first: Uint8Array, length: number): number {
  if (length < 8) throw new SafetensorsError(`${length} bytes are too few for a safetensors file`);
  const declared = new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true);
  if (declared > BigInt(Math.min(longestHeader, length - 8))) {
    throw new SafetensorsError(
      `a header of ${declared} bytes does not fit into a file of ${length} (or 100 MB)`,
    );
  }
  return 8 + Number(declared);
}

/**
 * @param head as many bytes as `headLength` says
 * @param length of the file
 * @throws SafetensorsError when the format is violated
 */
export function parseHead(head: Uint8Array, length: number): SafetensorsHeader {
  const metadata = new Map<string, string>();
  const entries: SafetensorsEntry[] = [];
  for (const [name, value] of parseHeader(head.subarray(8))) {
    if (name !== metadataKey) entries.push({ name, ...parseEntry(name, value) });
    else for (const [key, text] of parseMetadata(value)) metadata.set(key, text);
  }
  // By end as well: an empty tensor begins where the next one does.
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const bytes = length - head.length;
  let position = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== position)
      throw new SafetensorsError(`the tensor ${name} begins at ${begin}, not at ${position}`);
    if (end > bytes)
      throw new SafetensorsError(`the tensor ${name} ends at ${end}, after the file's ${bytes}`);
    position = end;
  }
  if (position !== bytes) throw new SafetensorsError(`${bytes - position} bytes belong to no tensor`);
  return { metadata, entries };
}

/** @throws SafetensorsError when the format is violated */
export function readSafetensors(file: Uint8Array): SafetensorsFile {
  const start = headLength(file.subarray(0, 8), file.length);
  const { metadata, entries } = parseHead(file.subarray(0, start), file.length);
  const data = file.subarray(start);
  const views = entries.map(({ name, dtype, shape, begin, end }) => {
    return [name, { dtype, shape, bytes: data.subarray(begin, end) }] as const;
  });
  return { metadata, tensors: new Map(views) };
}

function parseHeader(bytes: Uint8Array): HeaderObject {
  if (bytes[0] !== 0x7b) throw new SafetensorsError('the header does not begin with `{`');
  try {
    const header = parseHeaderJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    if (header instanceof Map) return header;
  } catch (error) {
    throw new SafetensorsError(
      `the header is no JSON of this format: ${error instanceof Error ? error.message : ''}`,
    );
  }
  throw new SafetensorsError('the header is no object');
}

function* parseMetadata(value: HeaderValue): Iterable<[string, string]> {
  if (!(value instanceof Map)) throw new SafetensorsError(`${metadataKey} is no object`);
  for (const [key, text] of value as HeaderObject) {
    if (typeof text !== 'string') throw new SafetensorsError(`the metadata's ${key} is no text`);
    yield [key, text];
  }
}

function parseEntry(name: string, value: HeaderValue) {
  if (!(value instanceof Map)) throw new SafetensorsError(`the entry of ${name} is no object`);
  const entry = value as HeaderObject;
  for (const key of entry.keys()) {
    if (!['dtype', 'shape', 'data_offsets'].includes(key))
      throw new SafetensorsError(`${name} has an unknown key ${key}`);
  }
  const dtype = entry.get('dtype');
  if (!isDtype(dtype)) throw new SafetensorsError(`${name} has the unknown dtype ${JSON.stringify(dtype)}`);
  const shape = wholeNumbers(name, 'shape', entry.get('shape'));
  const [begin = 0, end = 0, ...more] = wholeNumbers(name, 'data_offsets', entry.get('data_offsets'));
  const size = elementCount(shape) * dtypeSizes[dtype];
  if (more.length > 0 || !Number.isSafeInteger(size) || begin + size !== end) {
    throw new SafetensorsError(
      `${name}, ${dtype} of [${shape.join(', ')}], does not fill its offsets ${begin} to ${end}`,
    );
  }
  return { dtype, shape, begin, end };
}

function wholeNumbers(name: string, key: string, value: HeaderValue | undefined): readonly number[] {
  const valid = Array.isArray(value) && value.every((item) => Number.isSafeInteger(item));
  if (!valid) throw new SafetensorsError(`${key} of ${name} is no list of whole numbers`);
  return value as readonly number[];
}
