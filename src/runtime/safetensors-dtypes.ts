// The element types of safetensors files, and their conversion to float32. Values that float32 cannot represent are an error, never
// silently rounded; a caller may ask for rounding.
import { SafetensorsError } from './errors.ts';

/** Bytes per element. */
export const dtypeSizes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;

export type Dtype = keyof typeof dtypeSizes;

export function isDtype(value: unknown): value is Dtype {
  return typeof value === 'string' && Object.hasOwn(dtypeSizes, value);
}

type Reader = (view: DataView, offset: number) => number | bigint;

/** Without F8: writers disagree on which values of its two forms are infinite. */
const readers: { readonly [K in Exclude<Dtype, 'F8_E5M2' | 'F8_E4M3'>]: Reader } = {
  BOOL: (view, offset) => view.getUint8(offset),
  U8: (view, offset) => view.getUint8(offset),
  I8: (view, offset) => view.getInt8(offset),
  I16: (view, offset) => view.getInt16(offset, true),
  U16: (view, offset) => view.getUint16(offset, true),
  F16: (view, offset) => half(view.getUint16(offset, true)),
  BF16: (view, offset) => brainFloat(view.getUint16(offset, true)),
  I32: (view, offset) => view.getInt32(offset, true),
  U32: (view, offset) => view.getUint32(offset, true),
  F32: (view, offset) => view.getFloat32(offset, true),
  F64: (view, offset) => view.getFloat64(offset, true),
  I64: (view, offset) => view.getBigInt64(offset, true),
  U64: (view, offset) => view.getBigUint64(offset, true),
};

/**
 * As float32: a view if the data is float32 and aligned, else a copy.
 * @param rounding `exact` refuses values that float32 cannot represent, `nearest` rounds them
 * @throws SafetensorsError
 */
export function toFloat32(
  name: string,
  { dtype, bytes }: { readonly dtype: Dtype; readonly bytes: Uint8Array },
  rounding: 'exact' | 'nearest' = 'exact',
): Float32Array {
  if (dtype === 'F8_E5M2' || dtype === 'F8_E4M3')
    throw new SafetensorsError(`${name} is ${dtype}, which is not read`);
  // All engines in use are little-endian, as is the format. A Float32Array must be aligned to four bytes; `slice` of a Node buffer would
  // not copy.
  // not copy.
  if (dtype === 'F32') {
    return bytes.byteOffset % 4 === 0
      ? new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
      : new Float32Array(new Uint8Array(bytes).buffer);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = dtypeSizes[dtype];
  const read = readers[dtype];
  const values = new Float32Array(bytes.length / size);
  for (let i = 0; i < values.length; i++) {
    const value = read(view, i * size);
    const rounded = Math.fround(Number(value));
    values[i] = rounded;
    const same = typeof value === 'bigint' ? BigInt(rounded) === value : Object.is(rounded, value);
    if (rounding === 'exact' && !same) {
      throw new SafetensorsError(`element ${i} of ${name}, ${value}, has no exact float32`);
    }
  }
  return values;
}

/** IEEE 754 binary16: 1 bit sign, 5 exponent, 10 fraction. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The upper half of a float32. */
function brainFloat(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits << 16);
  return view.getFloat32(0);
}
