// The safetensors format, by hand after its public specification: eight bytes with the header's length, a JSON header, and the
// tensors' bytes without a gap. What is read is checked before anything is allocated: the header is at most 100 MB and inside
// the file, its keys are unique, dtypes known, products of dimensions exact, and the offsets cover the data from 0 to the end.
import { SafetensorsError } from './errors.ts';
import { parseHeaderJson, type HeaderObject, type HeaderValue } from './header-json.ts';
import { dtypeSizes, isDtype, type Dtype } from './safetensors-dtypes.ts';
import { elementCount, type Tensor } from './tensor.ts';

const longestHeader = 100_000_000;
const metadataKey = '__metadata__';

/** A tensor as it lies in a file: `bytes` is a view, not a copy. */
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
 * The bytes of a file with F32 tensors. The metadata comes first, in the order given; the header is padded with spaces so that
 * the data starts at a multiple of 8, as the specification asks of writers.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array {
  const entries: string[] = [];
  if (metadata.size > 0) entries.push(`${JSON.stringify(metadataKey)}:${showMetadata(metadata)}`);
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === metadataKey) throw new SafetensorsError(`no tensor can be called ${metadataKey}`);
    const end = offset + 4 * data.length;
    entries.push(
      `${JSON.stringify(name)}:{"dtype":"F32","shape":[${shape.join(',')}],"data_offsets":[${offset},${end}]}`,
    );
    offset = end;
  }
  const header = new TextEncoder().encode(`{${entries.join(',')}}`);
  const start = 8 * Math.ceil((8 + header.length) / 8);
  if (start - 8 > longestHeader) throw new SafetensorsError(`a header of ${header.length} bytes is too long`);

  const file = new Uint8Array(start + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.fill(0x20, 8, start);
  file.set(header, 8);
  const values = new Float32Array(file.buffer, start);
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

/** @throws SafetensorsError when a rule of the format is broken */
export function readSafetensors(file: Uint8Array): SafetensorsFile {
  if (file.length < 8) throw new SafetensorsError(`${file.length} bytes are too few for a safetensors file`);
  const declared = new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true);
  if (declared > BigInt(Math.min(longestHeader, file.length - 8))) {
    throw new SafetensorsError(
      `a header of ${declared} bytes does not fit into a file of ${file.length} (or 100 MB)`,
    );
  }
  const start = 8 + Number(declared);
  const header = parseHeader(file.subarray(8, start));
  const data = file.subarray(start);

  const metadata = new Map<string, string>();
  const entries: { name: string; dtype: Dtype; shape: readonly number[]; begin: number; end: number }[] = [];
  for (const [name, value] of header) {
    if (name !== metadataKey) entries.push({ name, ...parseEntry(name, value) });
    else for (const [key, text] of parseMetadata(value)) metadata.set(key, text);
  }

  // By end as well: an empty tensor begins where its neighbor does.
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const tensors = new Map<string, TensorView>();
  let position = 0;
  for (const { name, dtype, shape, begin, end } of entries) {
    if (begin !== position)
      throw new SafetensorsError(`the tensor ${name} begins at ${begin}, not at ${position}`);
    if (end > data.length)
      throw new SafetensorsError(`the tensor ${name} ends at ${end}, after the file's ${data.length}`);
    tensors.set(name, { dtype, shape, bytes: data.subarray(begin, end) });
    position = end;
  }
  if (position !== data.length)
    throw new SafetensorsError(`${data.length - position} bytes belong to no tensor`);
  return { metadata, tensors };
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
