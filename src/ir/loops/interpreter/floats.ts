// Floats and their 32-bit representation.
const word = new DataView(new ArrayBuffer(4));

export function bitsOf(value: number): number {
  word.setFloat32(0, value);
  return word.getInt32(0);
}

export function floatOf(bits: number): number {
  word.setInt32(0, bits);
  return word.getFloat32(0);
}

export function withSign(size: number, sign: number): number {
  const isNegative = sign < 0 || Object.is(sign, -0);
  return isNegative ? -Math.abs(size) : Math.abs(size);
}
