// The IDX format (LeCun's, of MNIST), plain or in gzip: two zero bytes, the element type, the number of dimensions, the
// dimensions, and the elements, all big-endian. The sizes in the header are checked against the file's real length first.
import { fail } from '../../../diagnostics/diagnostic.ts';
import { elementCount } from '../../../runtime/tensor.ts';
import type { FoundPath } from '../sources/paths.ts';
import type { DataArray } from '../prepare/raw-data.ts';
import { gunzipExactly, gunzipStart, isGzip, readData } from '../sources/read-file.ts';

interface ElementType {
  readonly size: number;
  /** Whether float32 holds all its values. */
  readonly isNarrow: boolean;
  read(view: DataView, offset: number): number;
}

const elementTypes: ReadonlyMap<number, ElementType> = new Map([
  [0x08, { size: 1, isNarrow: true, read: (view, offset) => view.getUint8(offset) }],
  [0x09, { size: 1, isNarrow: true, read: (view, offset) => view.getInt8(offset) }],
  [0x0b, { size: 2, isNarrow: true, read: (view, offset) => view.getInt16(offset) }],
  [0x0c, { size: 4, isNarrow: false, read: (view, offset) => view.getInt32(offset) }],
  [0x0d, { size: 4, isNarrow: true, read: (view, offset) => view.getFloat32(offset) }],
  [0x0e, { size: 8, isNarrow: false, read: (view, offset) => view.getFloat64(offset) }],
] satisfies [number, ElementType][]);

const mostDimensions = 8;

interface Header {
  readonly shape: readonly number[];
  readonly type: ElementType;
  /** The header's length, and the expected length of the file. */
  readonly start: number;
  readonly length: number;
}

/** Reads a file. @throws DiagnosticError if it is invalid */
export async function readIdx(path: FoundPath): Promise<DataArray> {
  return parseIdx(await readData(path, 'IDX'), path.shown);
}

/** @param path for messages */
export async function parseIdx(file: Uint8Array, path: string): Promise<DataArray> {
  const malformed = (reason: string) => fail('data.malformed', undefined, { path, format: 'IDX', reason });
  const packed = isGzip(file);
  const header = parseHeader(packed ? gunzipStart(file) : file);
  if (typeof header === 'string') return malformed(header);
  const contents = packed ? await gunzipExactly(file, header.length) : file;
  if (typeof contents === 'string') return malformed(contents);
  if (contents.length !== header.length) {
    const wanted = `its header, ${header.shape.join(' × ')}, makes ${header.length} bytes`;
    malformed(`${wanted}, but it has ${contents.length}`);
  }
  const bytes = contents.subarray(header.start);
  if (header.type === elementTypes.get(0x08)) return { shape: header.shape, values: bytes };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { size, isNarrow, read } = header.type;
  const values = new (isNarrow ? Float32Array : Float64Array)(bytes.length / size);
  for (let i = 0; i < values.length; i++) values[i] = read(view, i * size);
  return { shape: header.shape, values };
}

/** A text describes an error. */
function parseHeader(bytes: Uint8Array): Header | string {
  if (bytes.length < 4) return 'it is too short for a header';
  const type = elementTypes.get(bytes[2] ?? 0);
  if (bytes[0] !== 0 || bytes[1] !== 0 || !type) return 'it does not begin as an IDX file does';
  const dimensions = bytes[3] ?? 0;
  if (dimensions < 1 || dimensions > mostDimensions) return `it claims ${dimensions} dimensions`;
  const start = 4 + 4 * dimensions;
  if (bytes.length < start) return 'it ends within its header';
  const view = new DataView(bytes.buffer, bytes.byteOffset, start);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  if (shape.includes(0)) return `it holds nothing: its shape is ${shape.join(' × ')}`;
  const length = start + elementCount(shape) * type.size;
  return Number.isSafeInteger(length)
    ? { shape, type, start, length }
    : `its shape, ${shape.join(' × ')}, is too large`;
}
