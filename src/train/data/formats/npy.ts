// NumPy's .npy format: a magic word, a version, the length of a header, the header (a Python dictionary of descr, fortran_order
// and shape) and the elements. Its sizes are checked against the file's real length first. Pickled objects are never read.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { elementCount } from '../../../runtime/tensor.ts';
import type { DataArray } from '../prepare/raw-data.ts';

type Read = (view: DataView, offset: number, little: boolean) => number;

/** By NumPy's letter and size. */
const elementTypes: ReadonlyMap<string, Read> = new Map([
  ['b1', (view, offset) => view.getUint8(offset)],
  ['u1', (view, offset) => view.getUint8(offset)],
  ['i1', (view, offset) => view.getInt8(offset)],
  ['u2', (view, offset, little) => view.getUint16(offset, little)],
  ['i2', (view, offset, little) => view.getInt16(offset, little)],
  ['u4', (view, offset, little) => view.getUint32(offset, little)],
  ['i4', (view, offset, little) => view.getInt32(offset, little)],
  ['u8', (view, offset, little) => Number(view.getBigUint64(offset, little))],
  ['i8', (view, offset, little) => Number(view.getBigInt64(offset, little))],
  ['f2', (view, offset, little) => halfFloat(view.getUint16(offset, little))],
  ['f4', (view, offset, little) => view.getFloat32(offset, little)],
  ['f8', (view, offset, little) => view.getFloat64(offset, little)],
] satisfies [string, Read][]);

/** Types whose values are all exact in float32. */
const narrow = new Set(['i1', 'u2', 'i2', 'f2', 'f4']);

/** IEEE 754 binary16: a sign, five bits of exponent and ten of fraction. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

const magic = '\x93NUMPY';
const longestHeader = 65536;
const mostDimensions = 8;

interface NpyHeader {
  readonly shape: readonly number[];
  /** NumPy's letter and size of the elements, and whether they are little-endian. */
  readonly type: string;
  readonly little: boolean;
  readonly read: Read;
  /** Whether the first index varies fastest (column-major, as in Fortran); else the last. */
  readonly isFortran: boolean;
  /** Offset of the elements. */
  readonly start: number;
}

/** The longest header that is accepted ends within this many bytes. */
export const npyHeaderBytes = longestHeader + 12;

/**
 * Whether a file that begins with these bytes can have this length, before memory is allocated for the rest.
 * @param start the first `npyHeaderBytes` bytes, or all if there are fewer
 * @param path for messages
 * @throws DiagnosticError
 */
export function checkNpyStart(start: Uint8Array, length: number, path: string): void {
  readHeader(start, length, path);
}

/**
 * @param path for messages
 * @throws DiagnosticError
 */
export function parseNpy(file: Uint8Array, path: string): DataArray {
  const { shape, type, little, read, isFortran, start } = readHeader(file, file.length, path);
  const isByte = type === 'u1' || type === 'b1';
  if (isByte && !isFortran) return { shape, values: file.subarray(start) };
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const size = Number(type.slice(1));
  const Values = isByte ? Uint8Array : narrow.has(type) ? Float32Array : Float64Array;
  const values = new Values(elementCount(shape));
  const places = isFortran ? fortranPlaces(shape) : undefined;
  for (let i = 0; i < values.length; i++)
    values[i] = read(view, start + (places?.next().value ?? i) * size, little);
  return { shape, values };
}

/** The positions in a column-major (Fortran) file of elements in row-major order. */
function* fortranPlaces(shape: readonly number[]): Generator<number, undefined> {
  const strides = shape.map((_, axis) => elementCount(shape.slice(0, axis)));
  const index = shape.map(() => 0);
  let place = 0;
  for (;;) {
    yield place;
    let axis = shape.length - 1;
    for (; axis >= 0; axis--) {
      const [size = 1, stride = 1] = [shape[axis], strides[axis]];
      const next = (index[axis] ?? 0) + 1;
      place += stride;
      index[axis] = next;
      if (next < size) break;
      place -= size * stride;
      index[axis] = 0;
    }
    if (axis < 0) return undefined;
  }
}

/** Parses and checks the header of a file of `fileLength` bytes. */
function readHeader(file: Uint8Array, fileLength: number, path: string): NpyHeader {
  const malformed = (reason: string) => fail('data.malformed', undefined, { path, format: 'NPY', reason });
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const text = (start: number, end: number) => String.fromCharCode(...file.subarray(start, end));
  if (file.length < 12 || text(0, 6) !== magic) return malformed('it does not begin as a NPY file does');
  const version = view.getUint8(6);
  if (version < 1 || version > 3) malformed(`its version is ${version}`);
  const headerAt = version === 1 ? 10 : 12;
  const headerLength = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = headerAt + headerLength;
  if (headerLength > longestHeader || start > file.length) malformed('it ends within its header');

  const header = parseHeader(text(headerAt, start));
  const shape = header?.get('shape')?.match(/\d+/g)?.map(Number) ?? [];
  const [, order = '', type = ''] = /^'([<>|=])([a-zA-Z]\d+)'$/.exec(header?.get('descr') ?? '') ?? [];
  if (!header || !/^\((?:\d+, ?)*(?:\d+,?)?\)$/.test(header.get('shape') ?? ''))
    return malformed('its header is broken');
  const read = elementTypes.get(type);
  if (!read) return malformed(`its elements are ${header.get('descr')}, not numbers that are read`);
  if (shape.length === 0 || shape.length > mostDimensions) malformed(`it has ${shape.length} dimensions`);
  if (shape.includes(0)) malformed(`it holds nothing: its shape is ${shape.join(' × ')}`);
  const size = Number(type.slice(1));
  const length = start + elementCount(shape) * size;
  if (!Number.isSafeInteger(length)) malformed(`its shape, ${shape.join(' × ')}, is too large`);
  if (length !== fileLength)
    malformed(`its shape, ${shape.join(' × ')}, makes ${length} bytes, but it has ${fileLength}`);
  const isFortran = header.get('fortran_order') === 'True' && shape.length > 1;
  return { shape, type, little: order !== '>', read, isFortran, start };
}

/** The dictionary's entries as text; undefined unless it is a dictionary of strings, booleans and tuples. */
function parseHeader(text: string): ReadonlyMap<string, string> | undefined {
  const body = /^\{(.*)\}\s*$/s.exec(text)?.[1];
  if (body === undefined) return undefined;
  const entries = new Map<string, string>();
  const entry = /\s*'(\w+)':\s*('[^']*'|True|False|\([^()]*\))\s*(?:,|$)/y;
  while (entry.lastIndex < body.trimEnd().length) {
    const [, key, value] = entry.exec(body) ?? [];
    if (key === undefined || value === undefined || entries.has(key)) return undefined;
    entries.set(key, value);
  }
  return entries;
}
